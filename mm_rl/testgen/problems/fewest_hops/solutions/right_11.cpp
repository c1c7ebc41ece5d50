#include <cstdio>
#include <vector>
#include <queue>
int main() {
    int n, m;
    if (scanf("%d %d", &n, &m) != 2) return 1;
    std::vector<std::vector<int>> g(n + 1);
    while (m--) {
        int u, v;
        scanf("%d %d", &u, &v);
        g[u].push_back(v);
        g[v].push_back(u);
    }
    std::vector<int> d(n + 1, -1);
    std::queue<int> q;
    d[1] = 0;
    q.push(1);
    while (!q.empty()) {
        int u = q.front();
        q.pop();
        for (int v : g[u])
            if (d[v] < 0) { d[v] = d[u] + 1; q.push(v); }
    }
    printf("%d\n", d[n]);
}
