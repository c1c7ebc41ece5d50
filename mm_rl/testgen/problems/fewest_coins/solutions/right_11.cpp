#include <iostream>
#include <vector>
#include <algorithm>
using namespace std;
int main() {
    int n, total;
    cin >> n >> total;
    vector<int> c(n), dp(total + 1, 1e9);
    for (int &x : c) cin >> x;
    dp[0] = 0;
    for (int x = 1; x <= total; x++)
        for (int k : c)
            if (k <= x) dp[x] = min(dp[x], dp[x - k] + 1);
    cout << (dp[total] >= 1e9 ? -1 : dp[total]) << endl;
}
