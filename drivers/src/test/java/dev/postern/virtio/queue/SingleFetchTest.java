package dev.postern.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What the device can write is read once. No test can flip a byte of a plain segment between two loads with certainty, so
 * this one counts the loads in the compiled class: a check that read the ring again would be one more.
 */
class SingleFetchTest {

    @Test
    void everyFieldOfTheUsedRingIsLoadedAtOnePlaceAndNothingElseIsReadBack() throws IOException {
        // The wish for notifications by flag and by index; the index when only looking; the index; id and length in
        // one.
        assertEquals(Map.of("show", 2, "seesUsed", 1, "elementsUsed", 1, "element", 1), loads("SplitQueue.class"));
        // The wish for notifications; the marks when only looking; id, length and flags in one.
        assertEquals(Map.of("show", 1, "seesUsed", 1, "usedWord", 1), loads("PackedQueue.class"));
        assertEquals(Map.of(), loads("Virtqueue.class"));
    }

    private static Map<String, Integer> loads(String compiled) throws IOException {
        Map<String, Integer> loads = new TreeMap<>();
        try (InputStream bytes = Virtqueue.class.getResourceAsStream(compiled)) {
            ClassModel model = ClassFile.of().parse(bytes.readAllBytes());
            for (MethodModel method : model.methods()) {
                method.code()
                        .ifPresent(code -> code.forEach(element -> {
                            if (element instanceof InvokeInstruction call && loadsMemory(call)) {
                                loads.merge(method.methodName().stringValue(), 1, Integer::sum);
                            }
                        }));
            }
        }
        return loads;
    }

    private static boolean loadsMemory(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        return (owner.equals("java/lang/invoke/VarHandle") && !name.startsWith("set") && !name.endsWith("Fence"))
                || (owner.equals("java/lang/foreign/MemorySegment")
                        && (name.startsWith("get") || name.equals("toArray")));
    }
}
