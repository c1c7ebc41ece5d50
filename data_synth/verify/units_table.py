"""The figures behind `units`: one row per unit, and the prefixes.

Sources: the SI brochure (9th edition), NIST SP 811, the yard and pound agreement of 1959. Columns:
symbols | English words, _ for a blank | Chinese names | factor | dimensions, with pi as a factor |
prefixes: some of those below, * for all, # for the binary ones.
"""

PREFIXES = {
    "Q": ("quetta", 30), "R": ("ronna", 27), "Y": ("yotta", 24), "Z": ("zetta", 21),
    "E": ("exa", 18), "P": ("peta", 15), "T": ("tera", 12), "G": ("giga", 9), "M": ("mega", 6),
    "k": ("kilo", 3), "h": ("hecto", 2), "da": ("deca", 1), "d": ("deci", -1), "c": ("centi", -2),
    "m": ("milli", -3), "\u03bc": ("micro", -6), "u": ("micro", -6), "n": ("nano", -9),
    "p": ("pico", -12), "f": ("femto", -15), "a": ("atto", -18), "z": ("zepto", -21),
    "y": ("yocto", -24), "r": ("ronto", -27), "q": ("quecto", -30),
}  # fmt: skip
BINARY_PREFIXES = {
    prefix: (word, 1024 ** (at + 1))
    for at, (prefix, word) in enumerate(
        (("Ki", "kibi"), ("Mi", "mebi"), ("Gi", "gibi"), ("Ti", "tebi"), ("Pi", "pebi"))
    )
}

UNITS_TABLE = """
m | meter metre | 米 公尺 | 1 | m | *
 | micron |  | 1e-6 | m |
 |  | 公里 千米 | 1000 | m |
 |  | 分米 | 0.1 | m |
 |  | 厘米 公分 釐米 | 0.01 | m |
 |  | 毫米 | 0.001 | m |
 |  | 微米 | 1e-6 | m |
 |  | 纳米 奈米 | 1e-9 | m |
 |  | 里 | 500 | m |
 |  | 丈 | 10/3 | m |
 |  | 尺 | 1/3 | m |
 |  | 寸 | 1/30 | m |
\u00c5 | angstrom | 埃 | 1e-10 | m |
in | inch inches | 英寸 | 0.0254 | m |
ft | foot feet | 英尺 | 0.3048 | m |
yd | yard | 码 | 0.9144 | m |
mi | mile | 英里 | 1609.344 | m |
nmi | nautical_mile | 海里 | 1852 | m |
au AU | astronomical_unit | 天文单位 | 149597870700 | m |
ly | light_year lightyear | 光年 | 9460730472580800 | m |
pc | parsec | 秒差距 | 96939420213600000 | m pi^-1 | k M G
g | gram gramme | 克 公克 | 0.001 | kg | *
 | kilo | 千克 公斤 | 1 | kg |
 |  | 毫克 | 1e-6 | kg |
 |  | 微克 | 1e-9 | kg |
t | tonne metric_ton | 吨 公吨 | 1000 | kg | k M G
 |  | 斤 市斤 | 0.5 | kg |
 |  | 两 | 0.05 | kg |
lb lbs | pound | 磅 | 0.45359237 | kg |
oz | ounce | 盎司 | 0.028349523125 | kg |
st | stone |  | 6.35029318 | kg |
 | short_ton |  | 907.18474 | kg |
 | long_ton |  | 1016.0469088 | kg |
u Da | dalton |  | 1.66053906660e-27 | kg | k M
s | second sec secs | 秒 秒钟 | 1 | s | *
 |  | 毫秒 | 0.001 | s |
 |  | 微秒 | 1e-6 | s |
 |  | 纳秒 | 1e-9 | s |
min mins | minute | 分钟 分鐘 | 60 | s |
h hr hrs | hour | 小时 小時 钟头 时 | 3600 | s |
 |  | 刻钟 | 900 | s |
d | day | 天 日 | 86400 | s |
wk wks | week | 周 星期 礼拜 | 604800 | s |
mo | month | 个月 個月 | 1 | month |
y yr yrs | year | 年 | 12 | month |
 | decade |  | 120 | month |
 | century centuries | 世纪 | 1200 | month |
A | ampere amp | 安培 安 | 1 | A | *
K | kelvin kelvins | 开尔文 开 | 1 | K | *
mol | mole | 摩尔 | 1 | mol | *
cd | candela | 坎德拉 | 1 | cd | *
rad | radian | 弧度 | 1 | rad | m u n
sr | steradian |  | 1 | rad^2 |
deg \u00b0 | degree | 度 | 1/180 | rad pi |
arcmin | arcminute |  | 1/10800 | rad pi |
arcsec | arcsecond |  | 1/648000 | rad pi |
gon | gradian |  | 1/200 | rad pi |
rev | revolution | 转 圈 | 2 | rad pi |
rpm |  |  | 1/30 | rad s^-1 pi |
Hz | hertz | 赫兹 赫 | 1 | s^-1 | *
 |  | 千赫 | 1000 | s^-1 |
 |  | 兆赫 | 1000000 | s^-1 |
N | newton | 牛顿 牛 | 1 | kg m s^-2 | *
 |  | 千牛 | 1000 | kg m s^-2 |
kgf |  |  | 9.80665 | kg m s^-2 |
lbf |  |  | 4.4482216152605 | kg m s^-2 |
dyn | dyne |  | 1e-5 | kg m s^-2 |
Nm |  |  | 1 | kg m^2 s^-2 | k M m
Pa | pascal | 帕斯卡 帕 | 1 | kg m^-1 s^-2 | *
 |  | 百帕 | 100 | kg m^-1 s^-2 |
 |  | 千帕 | 1000 | kg m^-1 s^-2 |
 |  | 兆帕 | 1000000 | kg m^-1 s^-2 |
bar | bar | 巴 | 100000 | kg m^-1 s^-2 | m k
atm | atmosphere | 大气压 | 101325 | kg m^-1 s^-2 |
Torr | torr |  | 20265/152 | kg m^-1 s^-2 |
mmHg |  | 毫米汞柱 | 133.322387415 | kg m^-1 s^-2 |
psi |  |  | 8896443230521/1290320000 | kg m^-1 s^-2 | k
J | joule | 焦耳 焦 | 1 | kg m^2 s^-2 | *
 |  | 千焦 | 1000 | kg m^2 s^-2 |
cal | calorie | 卡路里 卡 | 4.184 | kg m^2 s^-2 | k
 |  | 千卡 大卡 | 4184 | kg m^2 s^-2 |
Wh |  | 瓦时 | 3600 | kg m^2 s^-2 | *
 |  | 千瓦时 | 3600000 | kg m^2 s^-2 |
eV | electronvolt | 电子伏特 | 1.602176634e-19 | kg m^2 s^-2 | *
erg |  |  | 1e-7 | kg m^2 s^-2 |
BTU Btu |  |  | 1055.05585262 | kg m^2 s^-2 |
W | watt | 瓦特 瓦 | 1 | kg m^2 s^-3 | *
 |  | 千瓦 | 1000 | kg m^2 s^-3 |
 |  | 兆瓦 | 1000000 | kg m^2 s^-3 |
hp | horsepower | 英制马力 | 745.69987158227022 | kg m^2 s^-3 |
VA |  |  | 1 | kg m^2 s^-3 | k M
C | coulomb | 库仑 库 | 1 | A s | *
Ah |  | 安时 | 3600 | A s | k m
 |  | 毫安时 | 3.6 | A s |
 |  | 毫安 | 0.001 | A |
V | volt | 伏特 伏 | 1 | kg m^2 s^-3 A^-1 | *
 |  | 千伏 | 1000 | kg m^2 s^-3 A^-1 |
 |  | 毫伏 | 0.001 | kg m^2 s^-3 A^-1 |
F | farad | 法拉 | 1 | kg^-1 m^-2 s^4 A^2 | *
\u03a9 | ohm | 欧姆 欧 | 1 | kg m^2 s^-3 A^-2 | *
 |  | 千欧 | 1000 | kg m^2 s^-3 A^-2 |
S | siemens | 西门子 | 1 | kg^-1 m^-2 s^3 A^2 | *
Wb | weber | 韦伯 | 1 | kg m^2 s^-2 A^-1 | *
T | tesla | 特斯拉 | 1 | kg s^-2 A^-1 | *
H | henry henries | 亨利 | 1 | kg m^2 s^-2 A^-2 | *
lm | lumen | 流明 | 1 | cd rad^2 |
lx | lux | 勒克斯 | 1 | cd rad^2 m^-2 |
Bq | becquerel |  | 1 | s^-1 | *
Gy | gray |  | 1 | m^2 s^-2 | *
Sv | sievert |  | 1 | m^2 s^-2 | *
kat | katal |  | 1 | mol s^-1 | *
M | molar |  | 1000 | mol m^-3 | m u \u03bc n
L l | liter litre | 升 公升 | 0.001 | m^3 | *
 |  | 毫升 | 1e-6 | m^3 |
cc |  |  | 1e-6 | m^3 |
gal | gallon | 加仑 | 0.003785411784 | m^3 |
qt | quart | 夸脱 | 0.000946352946 | m^3 |
pt | pint | 品脱 | 0.000473176473 | m^3 |
 | cup |  | 0.0002365882365 | m^3 |
 | fluid_ounce fl_oz | 液盎司 | 0.0000295735295625 | m^3 |
tbsp | tablespoon |  | 0.00001478676478125 | m^3 |
tsp | teaspoon |  | 0.00000492892159375 | m^3 |
ha | hectare | 公顷 | 10000 | m^2 |
ac | acre | 英亩 | 4046.8564224 | m^2 |
 |  | 亩 | 2000/3 | m^2 |
mph |  |  | 0.44704 | m s^-1 |
kph kmh |  |  | 5/18 | m s^-1 |
kn kt | knot | 节 | 463/900 | m s^-1 |
bit b | bit | 比特 位 | 1 | bit | k M G T P #
B | byte | 字节 | 8 | bit | k M G T P #
KB |  |  | 8000 | bit |
bps |  |  | 1 | bit s^-1 | k M G T
Bps |  |  | 8 | bit s^-1 | k M G T
% | percent pct |  | 1 | percent |
\u2030 | permille |  | 0.1 | percent |
ppm |  |  | 0.0001 | percent |
ppb |  |  | 1e-7 | percent |
pp | percentage_point | 个百分点 百分点 | 1 | point |
dB | decibel | 分贝 | 1 | decibel |
px | pixel | 像素 | 1 | pixel | M
 | unit | 单位 个单位 | 1 | unit |
$ US$ USD | dollar us_dollar buck | 美元 | 1 | USD |
\u00a2 | cent | 美分 | 0.01 | USD |
\u20ac EUR | euro | 欧元 | 1 | EUR |
\u00a3 GBP | british_pound pence_sterling | 英镑 | 1 | GBP |
CNY RMB | yuan renminbi | 元 人民币 块 块钱 圆 | 1 | CNY |
 |  | 角 毛 | 0.1 | CNY |
JPY | yen | 日元 日圆 | 1 | JPY |
\u00a5 |  |  | 1 | yen_sign |
HKD HK$ |  | 港元 港币 | 1 | HKD |
A$ AUD |  | 澳元 | 1 | AUD |
C$ CAD |  | 加元 | 1 | CAD |
\u20b9 INR | rupee | 卢比 | 1 | INR |
\u20a9 KRW | won | 韩元 | 1 | KRW |
\u20bd RUB | ruble rouble | 卢布 | 1 | RUB |
CHF | swiss_franc | 瑞士法郎 | 1 | CHF |
"""
