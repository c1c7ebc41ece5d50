"""The run report: one self-contained HTML page made from a run folder's files.

    run folder --run.py--> RunData --headline.py, curves.py, gallery.py--> page.py

Everything a policy or a data set wrote is untrusted: `text.py` bounds and cleans it, Python escapes
what it prints, the script of the page sets text and never markup, and a content security policy
lets no other script run and nothing be fetched.
"""

from mm_rl.report.page import write_report

__all__ = ["write_report"]
