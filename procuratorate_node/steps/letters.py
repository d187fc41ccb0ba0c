"""letters list / export: the templates, for an office to change in a word processor."""

from __future__ import annotations

import argparse
from io import BytesIO

from linkage.errors import LinkageError
from linkage.keys.files import PUBLIC, make_folder
from procuratorate_node.config import load_config
from procuratorate_node.letters.layout import build_document
from procuratorate_node.letters.templates import shipped_templates
from procuratorate_node.steps.referrals import write_new


def list_letters(asked: argparse.Namespace) -> int:
    """List the templates and check the office's own. 1 when one cannot be used."""
    templates = shipped_templates(load_config(asked.config).office.letters)
    faults = 0
    for found in templates.letters:
        own = templates.folder is not None and (templates.folder / f"{found.code}.docx").exists()
        try:
            templates.document(found.code)
            state = "本院模板 own" if own else "随程序 shipped"
        except LinkageError as error:
            faults, state = faults + 1, str(error)
        print(f"{found.code}  {found.title}  {state}  {'、'.join(found.required)}")
    return 1 if faults else 0


def export(asked: argparse.Namespace) -> int:
    """Write the shipped templates as .docx; nothing is overwritten."""
    make_folder(asked.folder)
    for found in shipped_templates().letters:
        target = BytesIO()
        build_document(found.lines).save(target)
        write_new(asked.folder / f"{found.code}.docx", target.getvalue(), mode=PUBLIC)
        print(f"{found.code}.docx")
    print("改好后把文件夹写入 [office] letters | name the folder in [office] letters")
    return 0
