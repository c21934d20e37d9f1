package dev.postern.bench;

/** What a boot is, and what it is put beside. */
enum BootProgram {
    /** The command. */
    BOOT("dev.postern.cli.Main", "test-harness/cli/target/app/postern.aot"),
    /** The same command line, read and no more. */
    PARSE("dev.postern.cli.ParseMain", "test-harness/bench/target/app/parse.aot");

    private final String main;
    private final String cache;

    BootProgram(String main, String cache) {
        this.main = main;
        this.cache = cache;
    }

    /** Its class in the module of the command. */
    String main() {
        return main;
    }

    /** Its AOT cache in the source tree, which the launcher's build makes. */
    String cache() {
        return cache;
    }
}
