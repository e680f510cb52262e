"""Speed and memory, each beside a yardstick of the same run: `python -m bench [--posts N] [--quick]`.

Nothing in here is a test: how long something takes depends on the machine, and a ratio a little less.
"""
