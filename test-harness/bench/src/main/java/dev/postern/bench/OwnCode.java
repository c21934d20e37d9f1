package dev.postern.bench;

import dev.postern.virtio.queue.QueueAddresses;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Makes a hidden class of its own for each device side, in which the places of its rings are constants, as they are in the C peer. */
final class OwnCode {

    private OwnCode() {}

    /** A device side of a class, for the rings at {@code at}. */
    static DeviceSide device(Class<? extends DeviceSide> type, QueueAddresses at, boolean inOrder) {
        try (InputStream code = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            MethodHandles.Lookup own =
                    MethodHandles.lookup().defineHiddenClassWithClassData(code.readAllBytes(), at, true);
            return (DeviceSide) own.findConstructor(own.lookupClass(), MethodType.methodType(void.class, boolean.class))
                    .invoke(inOrder);
        } catch (IOException | ReflectiveOperationException e) {
            throw new LinkageError("no device side can be made of " + type, e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("no device side can be made of " + type, e);
        }
    }

    /** What a class was made for, asked by itself while it is initialized. */
    static <T> T data(MethodHandles.Lookup own, Class<T> type) {
        try {
            return MethodHandles.classData(own, "_", type);
        } catch (IllegalAccessException e) {
            throw new LinkageError("the class has no data", e);
        }
    }
}
