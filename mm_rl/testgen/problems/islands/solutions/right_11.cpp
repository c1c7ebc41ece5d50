#include <iostream>
#include <string>
#include <vector>
std::vector<std::string> g;
void fill(int i, int j) {
    if (i < 0 || j < 0 || i >= (int)g.size() || j >= (int)g[0].size() || g[i][j] != '#') return;
    g[i][j] = '.';
    fill(i + 1, j);
    fill(i - 1, j);
    fill(i, j + 1);
    fill(i, j - 1);
}
int main() {
    int n, m, k = 0;
    std::cin >> n >> m;
    g.resize(n);
    for (auto &row : g) std::cin >> row;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            if (g[i][j] == '#') { k++; fill(i, j); }
    std::cout << k << "\n";
}
