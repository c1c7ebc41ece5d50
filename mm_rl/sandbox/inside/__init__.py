"""What runs on the other side: an interpreter of its own that imports nothing of mm_rl.

`zygote.py` is executed by path; the modules here import each other by their bare names and else the
standard library only.
"""
