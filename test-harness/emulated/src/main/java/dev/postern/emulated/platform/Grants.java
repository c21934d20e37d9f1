package dev.postern.emulated.platform;

import dev.postern.emulated.dma.DmaIntent;
import dev.postern.emulated.dma.Hold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a guest's grants permit the domain of a back-end (Xen public/grant_table.h). A page that the back-end keeps mapped stays in its
 * reach whatever the guest does to the entry; GTF_reading and GTF_writing say so meanwhile. A page that it reaches for once is mapped for
 * that moment alone, during which the guest does not run, so the flags are not seen then.
 */
final class Grants {

    static final int PERMIT_ACCESS = 1;
    static final int READ_ONLY = 1 << 2;
    static final int READING = 1 << 3;
    static final int WRITING = 1 << 4;

    private static final int TYPE = 3;

    private final GrantFrames table;
    private final FrameNumbers numbers;
    private final int backend;
    private final PlatformErrors errors;
    private final Map<Integer, Mapping> mapped = new HashMap<>();

    /** A page that the back-end keeps mapped. */
    private static final class Mapping {
        final long frame;
        int readers;
        int writers;
        boolean told;

        Mapping(long frame) {
            this.frame = frame;
        }
    }

    /**
     * The answer to a look at an entry.
     *
     * @param frame the guest-physical frame, or -1 when the access is refused
     * @param rule which rule refuses it, in the words of an error's clause
     * @param why one line
     */
    record Answer(long frame, String rule, String why) {

        boolean permitted() {
            return frame >= 0;
        }

        private static Answer refused(String rule, String why) {
            return new Answer(-1, rule, why);
        }
    }

    Grants(GrantFrames table, FrameNumbers numbers, int backend, PlatformErrors errors) {
        this.table = table;
        this.numbers = numbers;
        this.backend = backend;
        this.errors = errors;
    }

    /** Whether a reference permits an access now. Nothing is noted and nothing changes. */
    Answer look(long reference, DmaIntent intent) {
        if (reference < 0 || reference >= table.entries()) {
            return Answer.refused(
                    "grant-reference", "reference %d in a table of %d entries".formatted(reference, table.entries()));
        }
        Mapping mapping = mapped.get((int) reference);
        if (mapping != null && (intent == DmaIntent.READ || mapping.writers > 0)) {
            return new Answer(mapping.frame, "", "");
        }
        int header = table.header((int) reference);
        if ((header & TYPE) != PERMIT_ACCESS) {
            return Answer.refused("grant-absent", "reference %d grants nothing now".formatted(reference));
        }
        if (header >>> 16 != backend) {
            return Answer.refused(
                    "grant-domain",
                    "reference %d is for domain %d, the back-end is in domain %d"
                            .formatted(reference, header >>> 16, backend));
        }
        if (intent != DmaIntent.READ && (header & READ_ONLY) != 0) {
            return Answer.refused("grant-read-only", "reference %d is for reading alone".formatted(reference));
        }
        long number = table.number((int) reference);
        long frame = numbers.frame(number);
        if (frame == FrameNumbers.NONE || !table.isOrdinary(frame)) {
            return Answer.refused(
                    "grant-frame",
                    "reference %d names frame 0x%x, which is no memory of the guest".formatted(reference, number));
        }
        return new Answer(frame, "", "");
    }

    /** The back-end uses a page that it was permitted: says once when the guest believes that it no longer can. */
    void use(long reference) {
        Mapping mapping = mapped.get((int) reference);
        if (mapping != null && !mapping.told && (table.header((int) reference) & TYPE) != PERMIT_ACCESS) {
            mapping.told = true;
            errors.note(
                    "grant-in-use",
                    "reference %d was ended while the back-end had it mapped: end it when GTF_reading and GTF_writing are clear"
                            .formatted(reference));
        }
    }

    /** Maps what is permitted of a run of references. */
    Hold hold(long firstReference, int pages, DmaIntent intent) {
        List<Integer> taken = new ArrayList<>();
        for (long reference = firstReference; reference < firstReference + pages; reference++) {
            Answer answer = look(reference, intent);
            if (answer.permitted()) {
                map((int) reference, answer.frame(), intent);
                taken.add((int) reference);
            }
        }
        return () -> taken.forEach(reference -> unmap(reference, intent));
    }

    private void map(int reference, long frame, DmaIntent intent) {
        Mapping mapping = mapped.computeIfAbsent(reference, _ -> new Mapping(frame));
        mapping.readers++;
        if (intent != DmaIntent.READ) {
            mapping.writers++;
        }
        // Who maps for writing can read too.
        table.mark(reference, intent == DmaIntent.READ ? READING : READING | WRITING, 0);
    }

    private void unmap(int reference, DmaIntent intent) {
        Mapping mapping = mapped.get(reference);
        mapping.readers--;
        if (intent != DmaIntent.READ) {
            mapping.writers--;
        }
        int clear = (mapping.writers == 0 ? WRITING : 0) | (mapping.readers == 0 ? READING : 0);
        table.mark(reference, 0, clear);
        if (mapping.readers == 0) {
            mapped.remove(reference);
        }
    }

    /** Every guest-physical frame that some reference permits now, in any order, perhaps more than once. */
    List<Long> frames(DmaIntent intent) {
        List<Long> frames = new ArrayList<>();
        for (int reference = 0; reference < table.entries(); reference++) {
            Answer answer = look(reference, intent);
            if (answer.permitted()) {
                frames.add(answer.frame());
            }
        }
        return frames;
    }
}
