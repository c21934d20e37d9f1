package dev.postern.lab;

import static org.junit.jupiter.api.Assertions.*;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A project of somebody else that tests against Postern's machines: what it needs of ours is what is installed, and no more. */
@Timeout(1200)
class StandAloneProjectTest {

    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Path PROJECT = MODULE.resolve("src/test/resources/example");
    private static final Path TEST = Path.of("src/test/java/example/SecureDiskTest.java");
    private static final Set<String> NOT_SOURCES = Set.of("target", ".git");
    private static final long MOST_MINUTES = 8;

    @TempDir
    Path folder;

    @Test
    void theTestOfTheStandAloneProjectIsTheOneThatRunsHere() throws Exception {
        String text = Files.readString(PROJECT.resolve(TEST));
        assertEquals(Files.readString(MODULE.resolve(TEST)), text);
        assertTrue(text.lines().count() <= 20, "an example for a page has at most twenty lines");
    }

    @Test
    @EnabledIfSystemProperty(named = "postern.campaign", matches = "true", disabledReason = "takes minutes: -Pcampaign")
    void aProjectOutsideTheRepositoryTestsAgainstWhatIsInstalled() throws Exception {
        Peers.require(Maven.missing());
        Maven maven = new Maven(localRepository());
        // The sources are built elsewhere: this test is part of a build that goes on here.
        Path sources = copy(MODULE.resolve("../..").normalize(), folder.resolve("sources"));
        maven.run(sources, "-Dmaven.test.skip=true", "-Dformat.skip=true", "-pl", "test-harness/lab", "-am", "install")
                .expect(0);
        Path project = copy(PROJECT, folder.resolve("project"));
        Maven.Output green = maven.run(project, "test").expect(0);
        assertTrue(green.text().contains("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0"), green.text());

        Path test = project.resolve(TEST);
        String text = Files.readString(test);
        String forgetful = text.replace("trial.giveBack(buffer);", "");
        assertNotEquals(text, forgetful);
        Files.writeString(test, forgetful);
        Maven.Output red = maven.run(project, "test").expect(1);
        assertTrue(red.text().contains("4096 bytes of memory were not given back"), red.text());
    }

    /** A repository of its own that has all of the user's but what is ours, by links: nothing is fetched or installed elsewhere. */
    private Path localRepository() throws IOException {
        Path users = Path.of(System.getProperty("user.home"), ".m2", "repository");
        Path own = Files.createDirectory(folder.resolve("repository"));
        link(users, own, "dev");
        Path dev = users.resolve("dev");
        if (Files.isDirectory(dev)) {
            link(dev, Files.createDirectory(own.resolve("dev")), "postern");
        }
        return own;
    }

    /** The links go before the folder does: what they lead to is not ours. */
    @AfterEach
    void unlink() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path link : all.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(except)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (NOT_SOURCES.contains(directory.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!NOT_SOURCES.contains(file.getFileName().toString())) {
                    Files.copy(file, to.resolve(from.relativize(file)));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return to;
    }

    /**
     * Maven on the JDK of this test, without a network.
     *
     * @param repository what it has
     */
    private record Maven(Path repository) {

        /** What a run said. */
        record Output(int status, String text) {
            Output expect(int wanted) {
                assertEquals(wanted, status, text);
                return this;
            }
        }

        static Optional<String> missing() {
            boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mvn")));
            return found ? Optional.empty() : Optional.of("no mvn on PATH: install the Debian package maven");
        }

        Output run(Path where, String... arguments) throws Exception {
            List<String> line = new ArrayList<>(List.of("mvn", "-o", "-B", "-ntp", "-Dmaven.repo.local=" + repository));
            line.addAll(List.of(arguments));
            Path log = Files.createTempFile(repository.getParent(), "maven", ".log");
            ProcessBuilder builder = new ProcessBuilder(line)
                    .directory(where.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            // What this build passes on to its own Maven is not meant for that one.
            builder.environment().keySet().removeAll(Set.of("MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_CONFIG"));
            Process process = builder.start();
            try {
                if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
                    fail("mvn " + List.of(arguments) + " takes more than " + MOST_MINUTES + " minutes: "
                            + Files.readString(log));
                }
            } finally {
                process.destroyForcibly();
            }
            return new Output(process.exitValue(), Files.readString(log));
        }
    }
}
