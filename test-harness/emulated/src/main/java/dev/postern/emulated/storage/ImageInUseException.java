package dev.postern.emulated.storage;

/** An image is in use in a way that excludes the use asked for. The message says by whom, as far as is known. */
public final class ImageInUseException extends Exception {

    private static final long serialVersionUID = 1;

    /** One line for a person. */
    ImageInUseException(String message) {
        super(message);
    }
}
