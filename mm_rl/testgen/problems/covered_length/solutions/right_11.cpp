#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    std::vector<std::pair<long long, long long>> v(n);
    for (auto &p : v) scanf("%lld %lld", &p.first, &p.second);
    std::sort(v.begin(), v.end());
    long long total = 0, end = -4e18;
    for (auto [a, b] : v) {
        if (b <= end) continue;
        total += b - std::max(a, end);
        end = b;
    }
    printf("%lld\n", total);
}
