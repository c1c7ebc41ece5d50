"""Tokens of LaTeX mathematics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its place in the formula."""

    text: str
    """A command with its backslash, a character, or empty at the end."""
    start: int
    end: int


class TokenStream:
    """The tokens of a formula, read from left to right."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = tokenise(latex)
        self.position = 0

    def peek(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.position]

    def next(self) -> Token:
        """Take a token; raise ValueError at the end."""
        token = self.tokens[self.position]
        if not token.text:
            raise self.error(token, "the formula ends too early")
        self.position += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Take the next token if it is one of `texts`."""
        if self.peek().text in texts:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Take the next token, which must be `text`."""
        token = self.peek()
        if not self.accept(text):
            found = token.text or "the end"
            raise self.error(token, f"expected {text} but found {found}")

    def error(self, token: Token, problem: str) -> ValueError:
        """What is wrong at a token, to be raised."""
        shown = self.latex if len(self.latex) <= 60 else self.latex[:57] + "..."
        return ValueError(f"{problem}, at position {token.start} of formula {shown!r}")


def tokenise(latex: str) -> list[Token]:
    """Commands and characters without spaces and comments, and an empty token at the end."""
    tokens: list[Token] = []
    i = 0
    while i < len(latex):
        start, char = i, latex[i]
        i += 1
        if char == "%":
            end = latex.find("\n", i)
            i = len(latex) if end < 0 else end
            continue
        if char.isspace():
            continue
        if char == "\\":
            while i < len(latex) and latex[i].isascii() and latex[i].isalpha():
                i += 1
            if i == start + 1 and i < len(latex):
                i += 1
            # A backslash before the end of a line is a space.
            char = "\\ " if latex[start + 1 : i].isspace() else latex[start:i]
        tokens.append(Token(char, start, i))
    return [*tokens, Token("", len(latex), len(latex))]
