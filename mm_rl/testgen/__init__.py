"""Test cases for code problems: from a generator and accepted submissions to a suite (k1.5 §2.3.5).

A contest problem comes with a statement and with submissions that its judge accepted, but not with
tests. A generator, written by hand or by a model on top of CYaRon, makes inputs; the submissions
vote on the output of each; what they agree on becomes the suite that a policy's program must pass.
Every step drops what it cannot trust, and the funnel says how much.

`folder` reads a problem, `cases` makes inputs, `votes` counts agreement, `suite` takes one problem
through all steps, `run` takes a whole folder and can go on after a kill, `funnel` reports, `writer`
asks a model for the generators that are missing. Generators, validators and submissions are
untrusted: they only ever run in `mm_rl.sandbox`.
"""
