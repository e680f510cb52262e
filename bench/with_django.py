"""Run a module of the bench with Django set up: python -m bench.with_django MODULE [ARGUMENT...]"""

import runpy
import sys

import django

if __name__ == "__main__":
    django.setup()
    sys.argv = sys.argv[1:]
    runpy.run_module(f"bench.{sys.argv[0]}", run_name="__main__")
