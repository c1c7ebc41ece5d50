"""The policy: any `AutoModelForImageTextToText`, and the tiny one that is built offline."""
