package dev.postern.lab.junit;

import dev.postern.lab.Trial;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Boots the guest of a {@link PosternTest}, hands its parts out, and looks at what is left of it. */
public final class PosternExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private static final Namespace OURS = Namespace.create(PosternExtension.class);

    /** What is kept for one test; the store would close a trial by itself, and too late. */
    private record Running(TestParts parts) {}

    /** Made by JUnit. */
    public PosternExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        TestGuest guest = TestGuest.of(annotationAt(context));
        context.getStore(OURS).put(context.getUniqueId(), new Running(new TestParts(guest.boot(), guest)));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Running running = context.getStore(OURS).remove(context.getUniqueId(), Running.class);
        if (running == null) {
            // It did not come up, and that is what is reported.
            return;
        }
        Trial trial = running.parts().trial();
        if (context.getExecutionException()
                .filter(TestAbortedException.class::isInstance)
                .isPresent()) {
            trial.abandon();
            return;
        }
        trial.close();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getDeclaringExecutable() instanceof Method
                && context.getStore(OURS).get(context.getUniqueId()) != null
                && TestParts.has(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Optional<String> name = parameter.findAnnotation(DeviceName.class).map(DeviceName::value);
        return context.getStore(OURS)
                .get(context.getUniqueId(), Running.class)
                .parts()
                .part(parameter.getParameter().getType(), name);
    }

    /** The method's own, or that of the innermost class that has one. */
    private static PosternTest annotationAt(ExtensionContext context) {
        Optional<PosternTest> own =
                AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), PosternTest.class);
        List<Class<?>> outer = context.getEnclosingTestClasses().reversed();
        return own.or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), PosternTest.class))
                .or(() -> outer.stream()
                        .flatMap(type -> AnnotationSupport.findAnnotation(type, PosternTest.class).stream())
                        .findFirst())
                .orElseThrow(() -> new ExtensionConfigurationException(
                        "no @PosternTest on %s or its class: put one there, it says which machine to boot"
                                .formatted(context.getRequiredTestMethod().getName())));
    }
}
