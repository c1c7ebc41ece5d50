#include <iostream>
int main() {
    int q;
    std::cin >> q;
    while (q--) {
        long long n, c = 0;
        std::cin >> n;
        for (long long d = 1; d * d <= n; d++)
            if (n % d == 0) c += d * d == n ? 1 : 2;
        std::cout << c << '\n';
    }
}
