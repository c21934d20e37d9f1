package dev.postern.attach;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;

/** An option of QEMU as JSON, in which a file name needs no escape that QEMU could read otherwise. */
final class QemuJson {

    /** ASCII only, so that the words survive any locale between here and QEMU. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private QemuJson() {}

    /** One word for a command line; values are strings, numbers, booleans, lists and maps. */
    static String of(Map<String, ?> option) {
        try {
            return JSON.writeValueAsString(option);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings, numbers and booleans in a map are always JSON", e);
        }
    }
}
