#!/usr/bin/python3
"""Runs the notebooks from top to bottom under the Deno kernel, two at a time, and compares their outputs with the stored ones.

usage: run-notebooks.py [--update] NOTEBOOK|FOLDER ...

Exit status 0 when every notebook ran and printed what it stores, 1 when one did not, 2 for wrong usage.
Needs python3-nbclient, python3-nbformat and jupyter-client of Debian, and deno of the project's node_modules.
"""
import asyncio
import json
import os
import pathlib
import sys
import tempfile

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNEL = "packetwalk"
QUIET = 0.3  # seconds without a message after which a cell has said everything
KERNELS = 2  # notebooks that run at the same time
CELL_TIMEOUT = 60
NOTEBOOK_TIMEOUT = 180  # the Deno kernel sometimes never answers; then it is started once more


class PatientClient(NotebookClient):
    """The Deno kernel sometimes sends a result after it said "idle": read on until all is said that is stored, or it is quiet."""

    stored = ()

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        done = False
        while True:
            if done and cell_index < len(self.stored) and outputs(merged(cell)) == self.stored[cell_index]:
                return
            wait = QUIET if done else None
            try:
                msg = await asyncio.wait_for(self.kc.iopub_channel.get_msg(timeout=None), wait)
            except asyncio.TimeoutError:
                return
            if msg["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(msg, cell, cell_index)
            except CellExecutionComplete:
                done = True


def kernel_folder(folder):
    """Writes a kernel specification that starts the project's own deno."""
    spec = pathlib.Path(folder) / "kernels" / KERNEL
    spec.mkdir(parents=True)
    deno = ROOT / "node_modules" / ".bin" / "deno"
    (spec / "kernel.json").write_text(json.dumps({
        "argv": [str(deno), "jupyter", "--kernel", "--conn", "{connection_file}"],
        "display_name": "TypeScript",
        "language": "typescript",
        "env": {"NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "DENO_DIR": str(ROOT / "node_modules/.cache/deno")},
    }))
    return str(spec.parent)


def merged(cell):
    """A cell that has what it printed in one piece: where a stream is cut depends on timing."""
    kept = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream" and kept and kept[-1].get("name") == output["name"]:
            kept[-1] = {**kept[-1], "text": kept[-1]["text"] + output["text"]}
        else:
            kept.append(output)
    return {**cell, "outputs": kept} if "outputs" in cell else cell


def merge_streams(notebook):
    """The same for all cells of a notebook, in place."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell["outputs"] = [nbformat.from_dict(output) for output in merged(cell)["outputs"]]


def outputs(cell):
    """What a cell stores, without what differs from run to run."""
    drop = ("execution_count", "metadata")
    return [{key: value for key, value in output.items() if key not in drop} for output in cell.get("outputs", [])]


async def execute(notebook, path, specs, stored, attempts=2):
    """Executes a notebook in a new kernel, and again in another one when the kernel goes silent."""
    manager = AsyncKernelManager(kernel_name=KERNEL)
    manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[specs])
    client = PatientClient(notebook, km=manager, timeout=CELL_TIMEOUT, record_timing=False,
                           resources={"metadata": {"path": str(path.parent)}})
    client.stored = stored
    try:
        await asyncio.wait_for(client.async_execute(), NOTEBOOK_TIMEOUT)
        return
    except (asyncio.TimeoutError, CellTimeoutError):
        if attempts == 1:
            raise
    finally:
        if await manager.is_alive():
            await manager.shutdown_kernel(now=True)
    print("the kernel did not answer; once more", file=sys.stderr, flush=True)
    await execute(notebook, path, specs, stored, attempts - 1)


async def run(path, specs, update):
    """Runs one notebook; the list of what is wrong with it."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    merge_streams(notebook)
    stored = [outputs(cell) for cell in notebook.cells]
    try:
        await execute(notebook, path, specs, () if update else stored)
    except CellExecutionError as error:
        return ["a cell failed:\n%s" % error]
    except asyncio.TimeoutError:
        return ["the kernel did not answer"]
    if update:
        merge_streams(notebook)
        nbformat.write(notebook, path)
        return []
    merge_streams(notebook)
    faults = []
    for number, (cell, before) in enumerate(zip(notebook.cells, stored), start=1):
        after = outputs(cell)
        if after != before:
            faults.append("cell %d gives something else\n  stored: %s\n  now:    %s"
                          % (number, json.dumps(before)[:2000], json.dumps(after)[:2000]))
    return faults


async def run_all(paths, specs, update):
    """Runs notebooks, some at a time, and says of each how it went, in their order. Gives how many failed."""
    turns = asyncio.Semaphore(KERNELS)

    async def in_turn(path):
        async with turns:
            return await run(path, specs, update)

    failed = 0
    tasks = [asyncio.ensure_future(in_turn(path)) for path in paths]
    for path, task in zip(paths, tasks):
        faults = await task
        print("%s %s" % ("FAIL" if faults else "ok  ", path.name), flush=True)
        for fault in faults:
            print("  " + fault, flush=True)
        failed += 1 if faults else 0
    return failed


def main(arguments):
    update = "--update" in arguments
    paths = []
    for argument in arguments:
        if argument.startswith("-"):
            continue
        path = pathlib.Path(argument).resolve()
        paths += sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = os.path.join(folder, "runtime")
        os.environ["JUPYTER_CONFIG_DIR"] = os.path.join(folder, "config")
        os.environ["JUPYTER_DATA_DIR"] = os.path.join(folder, "data")
        failed = asyncio.run(run_all(paths, kernel_folder(folder), update))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
