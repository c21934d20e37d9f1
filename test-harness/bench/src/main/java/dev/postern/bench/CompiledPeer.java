package dev.postern.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A C peer, built from its source with the compiler of the computer. Closing it removes what was built.
 *
 * @param folder of its own
 * @param name of the program; its source beside this class has the same with {@code .c} behind
 */
record CompiledPeer(Path folder, String name) implements AutoCloseable {

    /** What gcc is called with, before the names of the files. */
    static final List<String> FLAGS = List.of("-O3", "-march=native");

    /**
     * Builds it.
     *
     * @throws IOException when there is no gcc, or it does not build; the message says what to do
     */
    static CompiledPeer build(String name) throws IOException, InterruptedException {
        CompiledPeer peer = new CompiledPeer(Files.createTempDirectory("postern-bench"), name);
        try {
            try (InputStream source = CompiledPeer.class.getResourceAsStream(peer.source())) {
                Files.write(peer.folder.resolve(peer.source()), source.readAllBytes());
            }
            peer.compile();
            return peer;
        } catch (IOException | InterruptedException e) {
            peer.close();
            throw e;
        }
    }

    private String source() {
        return name + ".c";
    }

    private void compile() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("gcc"));
        words.addAll(FLAGS);
        words.addAll(List.of("-o", name, source()));
        Process gcc;
        try {
            gcc = new ProcessBuilder(words)
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
        return List.of(folder.resolve(name).toString());
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        Files.deleteIfExists(folder.resolve(source()));
        Files.delete(folder);
    }
}
