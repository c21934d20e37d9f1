package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Numbers out of Linux's public headers, as the C compiler of this host understands them. */
final class LinuxHeaders {

    private static final List<String> HEADERS = List.of(
            "stddef.h",
            "stdio.h",
            "linux/virtio_blk.h",
            "linux/virtio_config.h",
            "linux/virtio_ids.h",
            "linux/virtio_pci.h",
            "linux/virtio_ring.h");

    private static final long LIMIT_SECONDS = 60;

    private final Map<String, Long> values;

    private LinuxHeaders(Map<String, Long> values) {
        this.values = values;
    }

    /**
     * Evaluates C expressions.
     *
     * @param folder for the program, deleted by the caller
     */
    static LinuxHeaders evaluate(Path folder, List<String> expressions) throws IOException, InterruptedException {
        requireCompiler();
        StringBuilder program = new StringBuilder();
        HEADERS.forEach(header -> program.append("#include <%s>\n".formatted(header)));
        program.append("int main(void) {\n");
        for (int i = 0; i < expressions.size(); i++) {
            program.append("  printf(\"%d %%lld\\n\", (long long) (%s));\n".formatted(i, expressions.get(i)));
        }
        program.append("  return 0;\n}\n");
        Path source = Files.writeString(folder.resolve("layout.c"), program);
        Path binary = folder.resolve("layout");
        run(List.of("gcc", "-o", binary.toString(), source.toString()));
        Map<String, Long> values = new HashMap<>();
        for (String line : run(List.of(binary.toString())).lines().toList()) {
            String[] words = line.split(" ");
            values.put(expressions.get(Integer.parseInt(words[0])), Long.parseLong(words[1]));
        }
        assertEquals(expressions.size(), values.size());
        return new LinuxHeaders(values);
    }

    /** The value of one of the expressions. */
    long value(String expression) {
        return values.get(expression);
    }

    /** {@link #value}, for small numbers. */
    int number(String expression) {
        return Math.toIntExact(value(expression));
    }

    private static void requireCompiler() {
        boolean compiler = false;
        for (String folder : System.getenv("PATH").split(":")) {
            compiler |= Files.isExecutable(Path.of(folder, "gcc"));
        }
        Peers.require(
                compiler && Files.exists(Path.of("/usr/include/linux/virtio_pci.h"))
                        ? Optional.empty()
                        : Optional.of(
                                "no gcc or no Linux headers: install the Debian packages gcc and linux-libc-dev"));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), command + " hangs");
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
