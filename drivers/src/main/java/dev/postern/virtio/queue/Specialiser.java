package dev.postern.virtio.queue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.field.FieldList;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ConstantDynamic;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Gives a queue a class of its own: a hidden copy of its class, together with what that inherits from {@link Virtqueue}, in which every
 * read of a {@link Folded} field has become the constant that the field holds. A compiler then knows where the rings are, how large they
 * are and what was agreed on, and no other queue's profile is in the code.
 *
 * <p>The plain class stays the reference: the copy is made from its class file, whatever that says. It is made when the queue is opened and
 * takes some milliseconds; the first one loads Byte Buddy, which takes longer. This is the only class that names it.
 *
 * <p>No agent may rewrite a hidden class. Sabotage, which takes a check away to see whether a test notices, therefore works on plain queues,
 * which the emulated machine has unless it is told otherwise; that a specialised queue has the same checks, the tests of the queue show,
 * which run on both.
 */
final class Specialiser extends AsmVisitorWrapper.AbstractBase {

    private static final Handle CLASS_DATA_AT = new Handle(
            Opcodes.H_INVOKESTATIC,
            Type.getInternalName(MethodHandles.class),
            "classDataAt",
            MethodType.methodType(Object.class, MethodHandles.Lookup.class, String.class, Class.class, int.class)
                    .toMethodDescriptorString(),
            false);

    private final Map<String, Object> constants;
    private final byte[] inherited;
    private final List<Object> data = new ArrayList<>();

    private Specialiser(Map<String, Object> constants, byte[] inherited) {
        this.constants = constants;
        this.inherited = inherited;
    }

    /**
     * The same queue with code of its own. The plain one must not be used any more.
     *
     * @param lookup of {@link Virtqueue}, whose private fields the code is at home with
     * @param plain a queue that nothing has been done with yet
     * @param parts what it is made of, and this one will be
     */
    static Virtqueue specialise(MethodHandles.Lookup lookup, Virtqueue plain, QueueParts parts) {
        Class<?> type = plain.getClass();
        try {
            Specialiser specialiser = new Specialiser(constants(plain, type), classFile(Virtqueue.class));
            byte[] code = new ByteBuddy()
                    .redefine(type)
                    .name(type.getName() + "Specialised")
                    .visit(specialiser)
                    .make()
                    .getBytes();
            MethodHandles.Lookup own = lookup.defineHiddenClassWithClassData(
                    code, List.copyOf(specialiser.data), true, MethodHandles.Lookup.ClassOption.NESTMATE);
            return (Virtqueue)
                    own.findConstructor(own.lookupClass(), MethodType.methodType(void.class, QueueParts.class))
                            .invoke(parts);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("no specialised queue can be made of a " + type.getName(), e);
        }
    }

    private static Map<String, Object> constants(Virtqueue queue, Class<?> type) throws IllegalAccessException {
        Map<String, Object> constants = new HashMap<>();
        for (Class<?> each = type; each != Object.class; each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (field.isAnnotationPresent(Folded.class)) {
                    field.setAccessible(true);
                    constants.put(field.getName(), field.get(queue));
                }
            }
        }
        return constants;
    }

    private static byte[] classFile(Class<?> type) throws IOException {
        try (InputStream file = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return file.readAllBytes();
        }
    }

    @Override
    public ClassVisitor wrap(
            TypeDescription instrumentedType,
            ClassVisitor copy,
            Implementation.Context context,
            TypePool pool,
            FieldList<FieldDescription.InDefinedShape> fields,
            MethodList<?> methods,
            int writerFlags,
            int readerFlags) {
        return new Copying(copy);
    }

    /** Copies a class, and behind it the methods that it inherits. */
    private final class Copying extends ClassVisitor {

        private final Set<String> own = new HashSet<>();

        Copying(ClassVisitor copy) {
            super(OpenedClassReader.ASM_API, copy);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            own.add(name + descriptor);
            MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
            // A constructor sets the fields; what it reads is for itself.
            return name.equals("<init>") ? method : new Folding(method);
        }

        @Override
        public void visitEnd() {
            new ClassReader(inherited)
                    .accept(
                            new ClassVisitor(OpenedClassReader.ASM_API) {
                                @Override
                                public MethodVisitor visitMethod(
                                        int access,
                                        String name,
                                        String descriptor,
                                        String signature,
                                        String[] exceptions) {
                                    return isInherited(access, name, descriptor)
                                            ? Copying.this.visitMethod(access, name, descriptor, signature, exceptions)
                                            : null;
                                }
                            },
                            ClassReader.SKIP_DEBUG);
            super.visitEnd();
        }

        /** Those that a copy can override; the others are called where they are. */
        private boolean isInherited(int access, String name, String descriptor) {
            int notOverridable = Modifier.STATIC | Modifier.PRIVATE | Modifier.FINAL | Modifier.ABSTRACT;
            return (access & notOverridable) == 0 && !name.equals("<init>") && !own.contains(name + descriptor);
        }
    }

    /** Puts a constant in the place of each read of a folded field. */
    private final class Folding extends MethodVisitor {

        Folding(MethodVisitor next) {
            super(OpenedClassReader.ASM_API, next);
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            Object constant = opcode == Opcodes.GETFIELD ? constants.get(name) : null;
            if (constant == null) {
                super.visitFieldInsn(opcode, owner, name, descriptor);
                return;
            }
            super.visitInsn(Opcodes.POP);
            switch (constant) {
                case Integer number -> super.visitLdcInsn(number);
                case Boolean truth -> super.visitInsn(truth ? Opcodes.ICONST_1 : Opcodes.ICONST_0);
                default -> {
                    data.add(constant);
                    super.visitLdcInsn(new ConstantDynamic("_", descriptor, CLASS_DATA_AT, data.size() - 1));
                }
            }
        }
    }
}
