package dev.postern.attach;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a JVM with everything that this one has, as a plain class path. */
final class AnotherJvm {

    private AnotherJvm() {}

    /**
     * Starts a program.
     *
     * @param words its arguments; those that begin with {@code -D} are properties
     */
    static Process start(Class<?> program, List<String> words) throws IOException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.stream().filter(word -> word.startsWith("-D")).forEach(line::add);
        line.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath(program), program.getName()));
        words.stream().filter(word -> !word.startsWith("-D")).forEach(line::add);
        return new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String classPath(Class<?> program) {
        String name = "/" + program.getName().replace('.', '/') + ".class";
        String here = program.getResource(name).toString();
        List<String> roots = new ArrayList<>();
        roots.add(Path.of(URI.create(here.substring(0, here.length() - name.length())))
                .toString());
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            roots.add(System.getProperty(property, ""));
        }
        return String.join(":", roots);
    }
}
