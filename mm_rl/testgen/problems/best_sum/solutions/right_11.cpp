#include <cstdio>
#include <algorithm>
int main() {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    long long best = -4000000000000000LL, run = best;
    for (int i = 0; i < n; i++) {
        long long x;
        scanf("%lld", &x);
        run = std::max(run + x, x);
        best = std::max(best, run);
    }
    printf("%lld\n", best);
}
