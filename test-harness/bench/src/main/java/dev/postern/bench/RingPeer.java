package dev.postern.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The C peer, built from its source with the compiler of the computer. Closing it removes what was built.
 *
 * @param folder of its own
 */
record RingPeer(Path folder) implements AutoCloseable {

    private static final String SOURCE = "ring-peer.c";
    private static final String PROGRAM = "ring-peer";

    /**
     * Builds it.
     *
     * @throws IOException when there is no gcc, or it does not build; the message says what to do
     */
    static RingPeer build() throws IOException, InterruptedException {
        RingPeer peer = new RingPeer(Files.createTempDirectory("postern-bench"));
        try {
            try (InputStream source = RingPeer.class.getResourceAsStream(SOURCE)) {
                Files.write(peer.folder.resolve(SOURCE), source.readAllBytes());
            }
            peer.compile();
            return peer;
        } catch (IOException | InterruptedException e) {
            peer.close();
            throw e;
        }
    }

    private void compile() throws IOException, InterruptedException {
        Process gcc;
        try {
            gcc = new ProcessBuilder("gcc", "-O3", "-march=native", "-o", PROGRAM, SOURCE)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IOException("no gcc on PATH, and the C peer is built with it: install Debian's package gcc", e);
        }
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc does not build the C peer: install Debian's packages gcc and libc6-dev (%s)"
                    .formatted(said.lines().findFirst().orElse("it said nothing")));
        }
    }

    /** The words that start it. */
    List<String> words() {
        return List.of(folder.resolve(PROGRAM).toString());
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(folder.resolve(PROGRAM));
        Files.deleteIfExists(folder.resolve(SOURCE));
        Files.delete(folder);
    }
}
