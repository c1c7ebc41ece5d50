#include <algorithm>
#include <iostream>
#include <string>
#include <tuple>
#include <vector>
int main() {
    int n;
    std::cin >> n;
    std::vector<std::tuple<int, int, std::string>> v;
    for (int i = 0; i < n; i++) {
        std::string s;
        int p, m;
        std::cin >> s >> p >> m;
        v.emplace_back(-p, m, s);
    }
    std::sort(v.begin(), v.end());
    for (auto &t : v) std::cout << std::get<2>(t) << "\n";
}
