package dev.postern.cli.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A command that came to nothing, as a JSON document of its schema: {@code ok} is false, and {@code errors} say why. */
public final class ErrorDocument {

    private ErrorDocument() {}

    /**
     * The document, in lines.
     *
     * @param schema of the document that there would be otherwise
     * @param message one line
     * @param status the exit status
     */
    public static String of(String schema, String message, int status) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schema", schema);
        root.put("ok", false);
        root.putArray("errors").add(message);
        root.put("exit", status);
        return root.toPrettyString();
    }
}
