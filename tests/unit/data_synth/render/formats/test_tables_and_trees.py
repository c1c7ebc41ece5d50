"""Tables, JSON and YAML: numbers stay as written, bombs and ragged rows are refused."""

from dataclasses import dataclass
from typing import Any

import pytest

from data_synth.render import PageStyle, Paragraph, TableBlock
from data_synth.render.formats.table import (
    csv_blocks,
    frame_blocks,
    json_table_blocks,
    looks_numeric,
)
from data_synth.render.formats.tree import compact, json_blocks, yaml_blocks
from data_synth.render.formats.values import Number, parse_json, parse_yaml

STYLE = PageStyle()


def cells(blocks: list[Any]) -> list[list[str]]:
    (table,) = blocks
    assert isinstance(table, TableBlock)
    return [["".join(span.text for span in cell) for cell in row] for row in table.rows]


def text(blocks: list[Any]) -> str:
    (block,) = blocks
    assert isinstance(block, Paragraph)
    return "".join(span.text for span in block.spans)


def test_csv_cells_are_kept_and_numbers_aligned_right() -> None:
    blocks = csv_blocks('name,price,code\n"Tea, green",1.50,A1\n\nMilk,"1,200.00",007x\n')
    assert cells(blocks) == [
        ["name", "price", "code"],
        ["Tea, green", "1.50", "A1"],
        ["Milk", "1,200.00", "007x"],
    ]
    assert blocks[0].align == ("left", "right", "left")  # type: ignore[union-attr]


def test_tabs_separate_cells_and_a_header_is_optional() -> None:
    (table,) = csv_blocks("1\tx\n2\ty\n", delimiter="\t", header=False)
    assert isinstance(table, TableBlock)
    assert table.header_rows == 0 and table.align == ("right", "left")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a,b\n1,2\n3\n", r"CSV row 3 \(line 3\) has 1 cells, the first row has 2"),
        ('a,b\n"x\ny",2\n1,2,3\n', r"CSV row 3 \(line 4\) has 3 cells"),
        ('a,b\n"x,2\n', "not valid CSV in line"),
        ('a,b\n"x"y,2\n', "not valid CSV in line 2"),
        ("", "empty"),
        ("a,\x00b\n", r"U\+0000"),
        ("a,b\n" + "1,2\n" * 100_001, "200004 cells"),
        ("a\n" + "x" * 200_000, "field larger than field limit"),
    ],
)
def test_csv_errors_name_the_row(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        csv_blocks(source)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12", True),
        ("-3.50", True),
        ("\u22123", True),
        ("$1,204.50", True),
        ("(42)", True),
        ("12 %", True),
        ("12%", True),
        ("1e-5", True),
        ("3 \u20ac", True),
        ("e5", False),
        ("1.2.3", True),
        ("", False),
        ("-", False),
        ("12a", False),
        ("2024-01-02", False),
    ],
)
def test_numbers_are_told_from_words(cell: str, expected: bool) -> None:
    assert looks_numeric(cell) is expected


def test_json_records_become_rows_with_numbers_as_written() -> None:
    blocks = json_table_blocks('[{"a": 1.10, "b": "x"}, {"b": null, "c": [1, {"d": true}]}]')
    assert cells(blocks) == [["a", "b", "c"], ["1.10", "x", ""], ["", "null", '[1, {"d": true}]']]


@pytest.mark.parametrize("source", ["[]", "3", '{"a": 1}', '"x"'])
def test_json_that_is_no_list_of_records_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="list of records"):
        json_table_blocks(source)
    with pytest.raises(ValueError, match="row 2 of the table is no record"):
        json_table_blocks('[{"a": 1}, 5]')


def test_a_data_frame_is_read_by_its_columns_and_rows() -> None:
    @dataclass
    class Frame:
        columns: list[str]

        def itertuples(self, index: bool = True, name: str | None = "x") -> list[tuple[Any, ...]]:
            assert not index and name is None
            return [("x", 1.5), ("y", 10)]

    blocks = frame_blocks(Frame(columns=["name", "n"]))
    assert cells(blocks) == [["name", "n"], ["x", "1.5"], ["y", "10"]]


def test_json_is_indented_and_its_numbers_stay() -> None:
    source = '{"b":[1.10,1e400,true,null,"\\u00e9\\n"],"a":{},"c":[]}'
    assert text(json_blocks(source, STYLE)) == (
        '{\n  "b": [\n    1.10,\n    1e400,\n    true,\n    null,\n    "\u00e9\\n"\n  ],\n'
        '  "a": {},\n  "c": []\n}'
    )
    assert compact(parse_json(source)) == (
        '{"b": [1.10, 1e400, true, null, "\u00e9\\n"], "a": {}, "c": []}'
    )


def test_json_colours_tell_keys_strings_and_numbers_apart() -> None:
    (block,) = json_blocks('{"k": ["s", 1, true]}', STYLE)
    assert isinstance(block, Paragraph)
    color = {span.text: span.color for span in block.spans}
    kinds = [color['"k"'], color['"s"'], color["1"], color["true"]]
    assert len(set(kinds)) == 4 and None not in kinds


def test_a_tree_has_a_branch_for_every_value() -> None:
    source = '{"a": [1, {"z": "w"}], "b": {}, "c": {"d": []}}'
    expected = "\n".join(
        [
            "\u251c\u2500\u2500 a",
            "\u2502   \u251c\u2500\u2500 [0]: 1",
            "\u2502   \u2514\u2500\u2500 [1]",
            '\u2502       \u2514\u2500\u2500 z: "w"',
            "\u251c\u2500\u2500 b: {}",
            "\u2514\u2500\u2500 c",
            "    \u2514\u2500\u2500 d: []",
        ]
    )
    assert text(json_blocks(source, STYLE, tree=True)) == expected
    assert text(json_blocks("7", STYLE, tree=True)) == "7"


def test_yaml_is_shown_as_written_and_as_a_tree() -> None:
    source = "a: [1.10, yes]  # note\nb: &x {c: 2024-01-01}\nd: *x\n"
    assert text(yaml_blocks(source, STYLE)) == source.rstrip("\n")
    tree = text(yaml_blocks(source, STYLE, tree=True))
    assert tree.count('c: "2024-01-01"') == 2 and "[0]: 1.10" in tree and "[1]: true" in tree


def test_yaml_scalars_keep_their_kind() -> None:
    value = parse_yaml("i: 007\nf: 1.50\ns: '1.5'\nn: ~\nb: false\n")
    assert value == {"i": "007", "f": "1.50", "s": "1.5", "n": None, "b": False}
    assert isinstance(value, dict)
    assert [type(value[key]) is Number for key in "ifs"] == [True, True, False]


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{i}: &a{i}\n  <<: [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (BOMB, "more than 100000 values with aliases"),
        (MERGE_BOMB, "more than 100000 values with aliases"),
        ("a: &a [*a]", "stands inside its own value"),
        ("[" * 100 + "]" * 100, "nested deeper than 64"),
        ("a: *b", "not valid YAML in line 1, column 4"),
        ("a: [1", "not valid YAML in line"),
        ("a: 1\na: 2", "key 'a' comes twice, in line 2"),
        ("? [x]\n: 1", "key in line 1 is no scalar"),
        ("# nothing", "holds no value"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("x" * 200_001, "200001 characters"),
        ("a: \x07", r"U\+0007"),
    ],
)
def test_hostile_yaml_is_refused(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_yaml(source)


def test_a_yaml_tag_constructs_nothing() -> None:
    assert parse_yaml("!!python/object/apply:os.system ['exit 1']") == ["exit 1"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{"a": 1, "a": 2}', "key 'a' comes twice"),
        ('{"a": }', "not valid JSON in line 1, column 7"),
        ("[" * 100 + "]" * 100, "nested deeper than 64"),
        ("[" * 100_000, "JSON"),
        ("", "empty"),
    ],
)
def test_hostile_json_is_refused(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_json(source)


def test_half_a_surrogate_pair_is_shown_as_its_escape() -> None:
    assert text(json_blocks('["\\ud800"]', STYLE)) == '[\n  "\\ud800"\n]'
