"""One line of text in its row: how high it is, where its ink goes, and the box around all of it."""

from PIL import Image

from data_synth.render.breaking import InlineLine, Piece, PlainLine
from data_synth.render.faces import Face, Word
from data_synth.render.page import TextLine
from data_synth.render.rows import Box, Row
from data_synth.style import RGB


def line_metrics(line: InlineLine | PlainLine, body: Face) -> tuple[int, int]:
    """Pixels above and below the baseline: those of body text, more where ink needs more."""
    face = line.face if isinstance(line, PlainLine) else body
    ascent, descent = max(body.ascent, face.ascent), max(body.descent, face.descent)
    if isinstance(line, PlainLine):
        if face.has_tall_words and line.words:
            ascent = max(ascent, *[-word.top for word in line.words])
            descent = max(descent, *[word.top + word.height for word in line.words])
        return ascent, descent
    for piece in line.pieces:
        if piece.face is not face:
            face = piece.face
            ascent, descent = max(ascent, face.ascent), max(descent, face.descent)
        drawing = piece.drawing
        if isinstance(drawing, Image.Image):
            depth = _depth(piece)
            ascent = max(ascent, drawing.height - depth)
            descent = max(descent, depth)
        elif drawing is not None:
            top = drawing.top
            if -top > ascent:
                ascent = -top
            if top + drawing.height > descent:
                descent = top + drawing.height
    return ascent, descent


def draw_line(row: Row, line: InlineLine | PlainLine, *, x: int, baseline: int, ink: RGB) -> None:
    """Add a line of text to its row; one without a visible character adds nothing."""
    if isinstance(line, PlainLine):
        _draw_plain(row, line, x=x, baseline=baseline, ink=ink)
    elif line.pieces:
        _draw_pieces(row, line, x=x, baseline=baseline, ink=ink)


def _draw_plain(row: Row, line: PlainLine, *, x: int, baseline: int, ink: RGB) -> None:
    words, starts = line.words, line.starts
    if not words or line.text.isspace():
        return
    row.inks.append((x, baseline, words, starts, line.color or ink))
    first, last = words[0], words[-1]
    top, bottom = baseline - line.face.ascent, baseline + line.face.descent
    if line.face.has_tall_words:
        top = min(top, *[baseline + word.top for word in words])
        bottom = max(bottom, *[baseline + word.top + word.height for word in words])
    box = (x + starts[0] + first.left, top, x + starts[-1] + last.left + last.width, bottom)
    row.lines.append(TextLine(text=line.text, box=box))


def _draw_pieces(row: Row, line: InlineLine, *, x: int, baseline: int, ink: RGB) -> None:
    left = top = 2**30
    right = bottom = -(2**30)
    is_visible = False
    color: RGB | None = None
    words: list[Word] = []
    starts: list[int] = []
    for piece, offset in line.placed():
        drawing, span = piece.drawing, piece.span
        start = x + round(offset)
        boxes: list[Box] = []
        if span.underline or span.strike or span.background is not None:
            edges = (start, x + round(offset + piece.advance))
            boxes += _decorate(row, piece, edges, baseline, ink)
        if isinstance(drawing, Image.Image):
            width, height = drawing.size
            upper = baseline + _depth(piece) - height
            row.pictures.append((start, upper, drawing))
            boxes.append((start, upper, start + width, upper + height))
            is_visible = True
        elif drawing is not None:
            if (span.color or ink) is not color:
                color = span.color or ink
                words, starts = [], []
                row.inks.append((0, baseline, words, starts, color))
            words.append(drawing)
            starts.append(start)
            start += drawing.left
            upper = baseline + drawing.top
            boxes.append((start, upper, start + drawing.width, upper + drawing.height))
            is_visible = is_visible or not drawing.is_blank
        if drawing is not None:
            face = piece.face
            boxes.append((start, baseline - face.ascent, start, baseline + face.descent))
        for x0, y0, x1, y1 in boxes:
            left = x0 if x0 < left else left
            top = y0 if y0 < top else top
            right = x1 if x1 > right else right
            bottom = y1 if y1 > bottom else bottom
    if is_visible:
        row.lines.append(TextLine(text=line.text, box=(left, top, right, bottom)))


def _decorate(row: Row, piece: Piece, edges: tuple[int, int], baseline: int, ink: RGB) -> list[Box]:
    """Background of a piece, and lines under and through it; returns their boxes."""
    size, span = piece.face.size, piece.span
    thickness = max(1, size // 14)
    start, end = edges
    color = span.color or ink
    known = len(row.fills)
    if span.background is not None:
        row.fills.append(((start, 0, end, row.height), span.background))
    if span.underline:
        y = baseline + max(1, size // 10)
        row.fills.append(((start, y, end, y + thickness), color))
    if span.strike:
        y = baseline - round(0.28 * size)
        row.fills.append(((start, y, end, y + thickness), color))
    return [box for box, _ in row.fills[known:]]


def _depth(piece: Piece) -> int:
    """Pixels of an inline image below the baseline; an emoji hangs a little."""
    if piece.span.image is not None:
        return piece.span.image_depth
    return round(0.18 * piece.face.size)
