"""The page is parsed and its images decoded; the contact sheet is compared pixel by pixel."""

import base64
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from data_synth.gallery import contact_sheet, gallery_html, take_spread, write_gallery
from data_synth.problem import Problem
from data_synth.tasks import make_problem

HOSTILE = "<script>alert('x')</script> & \"quotes\" https://example.org <img src=x>"


def encode(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind)
    return buffer.getvalue()


class Page(HTMLParser):
    """Tags with attributes, and the text inside each kind of tag."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def hostile(index: int, *images: bytes) -> Problem:
    return Problem(
        question=f"{HOSTILE} {index}",
        images=images,
        answer=f"{HOSTILE} answer",
        answer_type=HOSTILE,
        verifier=HOSTILE,
        source=HOSTILE,
        reasoning=f"{HOSTILE} because",
        text_twin=f"{HOSTILE} in words",
        domain=HOSTILE,
        discipline=HOSTILE,
        split=HOSTILE,
        licence=HOSTILE,
        id=HOSTILE,
        index=index,
    )


def test_everything_is_shown_and_nothing_is_markup() -> None:
    page = Page(gallery_html([hostile(0), hostile(1)], title=HOSTILE))
    assert page.open == []
    tags = {tag for tag, _ in page.tags}
    assert "script" not in tags and "img" not in tags and "link" not in tags
    assert page.texts.count(("p", f"{HOSTILE} 0")) == 1
    assert page.texts.count(("div", f"{HOSTILE} answer")) == 2
    assert page.texts.count(("pre", f"{HOSTILE} because")) == 2
    assert page.texts.count(("pre", f"{HOSTILE} in words")) == 2
    assert ("h1", HOSTILE) in page.texts and ("title", HOSTILE) in page.texts
    assert page.texts.count(("li", HOSTILE)) == 4  # licence and id, twice


def test_images_are_embedded_unchanged_and_nothing_is_fetched() -> None:
    png = encode(Image.new("RGB", (300, 200), (9, 8, 7)), "PNG")
    jpeg = encode(Image.new("RGB", (16, 16), (200, 8, 7)), "JPEG")
    source = gallery_html([hostile(0, png, jpeg), make_problem("row_sums", index=0)])
    page = Page(source)
    images = page.all("img")
    assert len(images) == 3
    for attributes, kind, data in zip(
        images[:2], ("image/png", "image/jpeg"), (png, jpeg), strict=True
    ):
        header, _, encoded = (attributes["src"] or "").partition(",")
        assert header == f"data:{kind};base64"
        assert base64.b64decode(encoded) == data
    assert (images[0]["width"], images[0]["height"]) == ("300", "200")
    assert "class" not in images[0] and images[1]["class"] == "small"
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            if name in ("src", "href"):
                assert (value or "").startswith(("data:", "#")), (tag, value)
    assert "url(" not in source and "@import" not in source
    policy = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_problems_are_grouped_by_source_and_linked() -> None:
    names = ("row_sums", "count_colors", "row_sums")
    page = Page(gallery_html([make_problem(name, index=i) for i, name in enumerate(names)]))
    assert [text for tag, text in page.texts if tag == "a"] == ["row_sums", "count_colors"]
    anchors = [section["id"] for section in page.all("section")]
    assert [link["href"] for link in page.all("a")] == [f"#{anchor}" for anchor in anchors]
    assert len(page.all("article")) == 3
    assert "prefers-color-scheme: dark" in gallery_html([make_problem("row_sums", index=0)])


def test_contact_sheet_shows_images_in_reading_order() -> None:
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    problems = [
        hostile(i, encode(Image.new("RGB", size, color), "PNG"))
        for i, (color, size) in enumerate(
            zip(colors, [(224, 224), (20, 10), (896, 448)], strict=True)
        )
    ]
    sheet = contact_sheet(problems, columns=2)
    assert sheet.size == (2 * (224 + 12) + 12, 2 * (224 + 58 + 12) + 12)
    corners = [(12, 12), (12 + 236, 12), (12, 12 + 294)]
    centers = [(x + 112, y + 112) for x, y in corners]
    assert [sheet.getpixel(center) for center in centers] == colors
    # 224 x 224 fills its cell; 20 x 10 grows 11 times to 220 x 110; 896 x 448 shrinks to 224 x 112.
    for (x, y), color, (width, height) in zip(
        corners, colors, [(224, 224), (220, 110), (224, 112)], strict=True
    ):
        cell = sheet.crop((x, y, x + 224, y + 224))
        assert {color: n for n, color in cell.getcolors() or []}[color] == width * height
        caption = sheet.crop((x, y + 224, x + 224, y + 282)).convert("L")
        assert min(caption.tobytes()) < 60
        assert sum(value > 250 for value in caption.tobytes()) > 0.6 * 224 * 58


def test_a_problem_without_images_and_beyond_ascii_is_shown(tmp_path: Path) -> None:
    problem = Problem(
        question="\u4e00 \u0633\u0644\x07",
        answer="\u03b1",
        answer_type="string",
        verifier="exact",
        source="text",
    )
    page, sheet = write_gallery([problem], tmp_path / "out")
    assert "\u03b1" in page.read_text(encoding="utf-8")
    shown = Image.open(sheet)
    assert shown.size == (248, 306)
    # A caption shorter than its place leaves white.
    assert shown.getpixel((20, 12 + 224 + 57)) == (255, 255, 255)


def test_gallery_folder_is_replaced_only_on_request(tmp_path: Path) -> None:
    first, second = make_problem("row_sums", index=0), make_problem("row_sums", index=1)
    page, _ = write_gallery([first], tmp_path / "out")
    with pytest.raises(ValueError, match="not empty"):
        write_gallery([second], tmp_path / "out")
    assert first.id in page.read_text()
    write_gallery([second], tmp_path / "out", overwrite=True)
    assert second.id in page.read_text() and first.id not in page.read_text()
    (tmp_path / "out" / "thesis.tex").write_text("")
    with pytest.raises(ValueError, match=r"holds 'thesis.tex'"):
        write_gallery([second], tmp_path / "out", overwrite=True)
    with pytest.raises(ValueError, match="no problem to show"):
        write_gallery([], tmp_path / "other")


def test_spread_takes_the_first_of_each_source() -> None:
    problems = [
        make_problem(name, index=i, image_size=32)
        for i in range(4)
        for name in ("row_sums", "count_colors")
    ]
    taken = take_spread(problems, 2)
    assert [(p.source, p.index) for p in taken] == [
        ("row_sums", 0),
        ("row_sums", 1),
        ("count_colors", 0),
        ("count_colors", 1),
    ]
