"""Runs the Python half of the contract tests and counts as node's runner does, so that scripts/checks can add both up."""

import sys
import unittest
from pathlib import Path


class Counted(unittest.TextTestResult):
    """Also counts what went well."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent))
result = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=Counted).run(suite)
print(f"# pass {result.passed}\n# fail {len(result.failures) + len(result.errors)}\n# skipped {len(result.skipped)}")
sys.exit(not result.wasSuccessful())
