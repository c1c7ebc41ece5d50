#include <algorithm>
#include <iostream>
#include <vector>
int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<long long> w(n);
    long long lo = 0, hi = 0;
    for (auto &x : w) { std::cin >> x; lo = std::max(lo, x); hi += x; }
    while (lo < hi) {
        long long mid = (lo + hi) / 2, s = 0;
        int t = 1;
        for (auto x : w) {
            if (s + x > mid) { t++; s = 0; }
            s += x;
        }
        if (t <= k) hi = mid; else lo = mid + 1;
    }
    std::cout << lo << "\n";
}
