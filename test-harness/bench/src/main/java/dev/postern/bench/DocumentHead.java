package dev.postern.bench;

import java.util.Locale;

/** What a document of a benchmark on pinned cores begins with. */
final class DocumentHead {

    private DocumentHead() {}

    /** An open object: schema, load, and whether the programs were pinned. */
    static String of(String schema, MachineLoad load, PinnedCore core) {
        return String.format(
                Locale.ROOT,
                "{\n  \"schema\": \"%s\",\n  \"load\": {\"before\": %.2f, \"after\": %.2f, \"processors\": %d},\n"
                        + "  \"pinned\": %b,\n",
                schema,
                load.before(),
                load.after(),
                load.processors(),
                !core.prefix().isEmpty());
    }
}
