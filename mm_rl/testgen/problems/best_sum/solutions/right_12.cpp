// accepted elsewhere on weak tests: the sum overflows 32 bits
#include <cstdio>
#include <algorithm>
int main() {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    unsigned run = 0;
    int best = -2147483647;
    for (int i = 0; i < n; i++) {
        int x;
        scanf("%d", &x);
        run = (int)run > 0 ? run + (unsigned)x : (unsigned)x;
        best = std::max(best, (int)run);
    }
    printf("%d\n", best);
}
