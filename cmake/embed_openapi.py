#!/usr/bin/env python3
"""embed_openapi.py IN.yaml OUT.cpp: the OpenAPI document, as it stands and as JSON, in a source file that serves it."""

import json
import sys

import yaml

source, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    text = file.read()
forms = {"openapi_yaml": text, "openapi_json": json.dumps(yaml.safe_load(text), separators=(",", ":"), ensure_ascii=False)}

# A literal, even one put together from several, has at most 64 KiB in C++: the pieces are joined as the program runs.
PIECE = 8000
with open(target, "w", encoding="utf-8") as out:
    out.write('#include <string>\n\n#include "network/api.hpp"\n\nnamespace salus::network {\n')
    for name, content in forms.items():
        assert ')openapi"' not in content
        pieces = [content[i:i + PIECE] for i in range(0, len(content), PIECE)]
        literals = ",\n".join(f'R"openapi({piece})openapi"' for piece in pieces)
        out.write(f"std::string_view {name}() noexcept {{\n    static const std::string kText = [] {{\n        std::string text;\n"
                  f"        for (const char* piece : {{{literals}}}) text += piece;\n        return text;\n    }}();\n"
                  f"    return kText;\n}}\n")
    out.write("}  // namespace salus::network\n")
