#include <iostream>
#include <string>
#include <algorithm>
int main() {
    std::string s;
    std::cin >> s;
    int last[26];
    std::fill(last, last + 26, -1);
    int start = 0, best = 0;
    for (int i = 0; i < (int)s.size(); i++) {
        int c = s[i] - 'a';
        start = std::max(start, last[c] + 1);
        last[c] = i;
        best = std::max(best, i - start + 1);
    }
    std::cout << best << "\n";
}
