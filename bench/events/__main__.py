"""One case in a process of its own: `python -m bench.events module:function PLACE MORE` prints its measure as JSON.

With `spared` behind it, garbage is looked for as rarely as in every process of ours.
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from bench.events.work import Place
from chassis.serve import spare_collections

if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    if sys.argv[4:] == ["spared"]:
        spare_collections()
    measured = getattr(importlib.import_module(module), function)(
        Place(**json.loads(sys.argv[2])), *json.loads(sys.argv[3])
    )
    print(json.dumps(measured), flush=True)
    # Libraries' own threads must not hold the process up.
    os._exit(0)
