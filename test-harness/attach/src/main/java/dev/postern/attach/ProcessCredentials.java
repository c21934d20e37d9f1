package dev.postern.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Who a process is to the system, from {@code /proc/…/status} (proc_pid_status(5)).
 *
 * @param users real, effective, saved and file-system user id
 * @param groups the same of the group, and the supplementary groups
 * @param capabilities those that it could use, permitted or effective; a set of bits
 */
record ProcessCredentials(List<Long> users, List<Long> groups, long capabilities) {

    private static final int EFFECTIVE = 1;

    /** Copies the lists. */
    ProcessCredentials {
        users = List.copyOf(users);
        groups = List.copyOf(groups);
    }

    /** Of this JVM. */
    static ProcessCredentials ours() throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/self/status")));
    }

    /** Of another process. */
    static ProcessCredentials of(long pid) throws IOException {
        return parse(Files.readAllLines(Path.of("/proc/" + pid + "/status")));
    }

    static ProcessCredentials parse(List<String> status) throws IOException {
        List<Long> groups = new ArrayList<>(numbers(status, "Gid:", 10));
        groups.addAll(numbers(status, "Groups:", 10));
        long capabilities = numbers(status, "CapPrm:", 16).getFirst()
                | numbers(status, "CapEff:", 16).getFirst();
        return new ProcessCredentials(numbers(status, "Uid:", 10), groups, capabilities);
    }

    private static List<Long> numbers(List<String> status, String key, int radix) throws IOException {
        String line = status.stream()
                .filter(candidate -> candidate.startsWith(key))
                .findFirst()
                .orElseThrow(() -> new IOException("the system does not say '" + key + "' of a process"));
        return Arrays.stream(line.substring(key.length()).strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .map(word -> Long.parseUnsignedLong(word, radix))
                .toList();
    }

    /** Whose permissions are checked. */
    long effectiveUser() {
        return users.get(EFFECTIVE);
    }

    /** Whether it is this user and group in every respect, and has no power beyond theirs. */
    boolean onlyEver(long user, long group) {
        return onlyEver(user, group, 0);
    }

    /** Whether it is this user and group in every respect, and has these powers beyond theirs, no fewer and no more. */
    boolean onlyEver(long user, long group, long powers) {
        return users.stream().allMatch(id -> id == user)
                && groups.stream().allMatch(id -> id == group)
                && capabilities == powers;
    }
}
