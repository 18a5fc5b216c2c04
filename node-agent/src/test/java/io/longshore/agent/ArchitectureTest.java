package io.longshore.agent;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.platform.ArchitectureRules;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * What the agent adds to the rules of every module: how driver SPIs and drivers may depend on each other, and who touches
 * files by which door.
 *
 * <p>That no raw path leads into a container's root cannot be said in full: a path is a string, and bytecode does not tell
 * whose. Checked is: who is handed a root as a {@link ContainerRoot} opens no file otherwise; the paths of a {@link RootFs} are
 * read only where they become arguments of mount(2) in the container's own namespace; the system calls that take a path are
 * made by named classes only, so that a new one is seen; {@code java.io} opens no file at all. Not checked is what a class
 * makes of a {@code Path} that it was given as one, such as a volume's directory.
 */
class ArchitectureTest {
    private static final String AGENT = "io.longshore.agent.";
    private static final List<String> SPIS = List.of("execdriver", "graphdriver", "volumedriver", "networkdriver");

    /** They hold a root, and have directories of their own beside it: layers' trees, mount points, run files. */
    private static final Set<String> OWNERS_OF_DIRECTORIES = Set.of(
            "graphdriver.overlay2.Overlay2GraphDriver",
            "graphdriver.DriverDirectory",
            "graphdriver.overlay2.PrivateMount",
            "graphdriver.simulated.SimulatedGraphDriver",
            "execdriver.libcontainer.Launcher",
            "execdriver.libcontainer.LibcontainerExecDriver");

    /** From a descriptor without following links, or on a path that is the agent's own. */
    private static final Set<String> CALLERS_WITH_PATHS = Set.of(
            "graphdriver.LayerTree",
            "graphdriver.DriverDirectory",
            "graphdriver.overlay2.PrivateMount",
            "graphdriver.overlay2.OverlayMarks",
            "graphdriver.vfs.TreeComparison",
            "graphdriver.TreeSize",
            "volumedriver.local.VolumeMounts",
            "volumedriver.plugin.PluginMounts",
            "graphdriver.TarEntries",
            "files.PrivateTree",
            "files.ContainerFiles",
            "account.AccountFile",
            "execdriver.libcontainer.ContainerDevices",
            "execdriver.libcontainer.HostDevices",
            "execdriver.libcontainer.JoinedNamespaces",
            "execdriver.libcontainer.MountSources",
            "cgroup.DeviceGuard",
            "dns.Namespaces",
            "stage.Spawner");

    private static final Set<String> CALLS_WITH_PATHS = Set.of(
            "open",
            "openat2",
            "mkdirat",
            "mknodat",
            "symlinkat",
            "linkat",
            "unlinkat",
            "renameat2",
            "readlinkat",
            "statx",
            "fchownat",
            "fchmodat",
            "utimensat",
            "setxattr",
            "getxattr",
            "listxattr",
            "removexattr");

    private static final ArchRule DRIVERS_ARE_FREE_OF_SPRING = noClasses()
            .that()
            .resideInAnyPackage(SPIS.stream().map(spi -> AGENT + spi + "..").toArray(String[]::new))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..")
            .because("a driver takes plain options; wiring is another file");

    private static final ArchRule ONLY_WIRING_NAMES_A_DRIVER = each(spi -> noClasses()
            .that(are(
                    "are outside the drivers of " + spi + " and no wiring",
                    type -> !type.getPackageName().startsWith(AGENT + spi + ".")
                            && !type.isEquivalentTo(DriverWiring.class)))
            .should()
            .dependOnClassesThat(resideInAPackage(AGENT + spi + ".*.."))
            .because("an SPI, and whoever uses it, does not know its implementations"));

    private static final ArchRule DRIVERS_DO_NOT_KNOW_EACH_OTHER = each(spi -> SlicesRuleDefinition.slices()
            .matching(AGENT + spi + ".(*)..")
            .should()
            .notDependOnEachOther()
            // Another maker of processes, not another supervision.
            .ignoreDependency(
                    resideInAPackage(AGENT + "execdriver.oci.."),
                    resideInAPackage(AGENT + "execdriver.libcontainer..")));

    private static final ArchRule A_ROOT_IS_TOUCHED_THROUGH_ITS_LIBRARY = noClasses()
            .that(are(
                    "are given a container's root",
                    type -> !isNamed(type, OWNERS_OF_DIRECTORIES)
                            && type.getDirectDependenciesFromSelf().stream()
                                    .map(dependency -> dependency.getTargetClass())
                                    .anyMatch(belongToAnyOf(ContainerRoot.class, MountedRoot.class))))
            .should()
            .callMethodWhere(describe("opens a file by java.nio", ArchitectureTest::opensFile));

    /** With vfs a container's root is a plain directory of the host, so that a path would lead into it. */
    private static final ArchRule VFS_OPENS_NO_PATH = noClasses()
            .that()
            .resideInAPackage(AGENT + "graphdriver.vfs..")
            .or()
            .haveFullyQualifiedName(AGENT + "graphdriver.TreeCopy")
            .should()
            .callMethodWhere(describe("opens a file by java.nio", ArchitectureTest::opensFile));

    private static final ArchRule PATHS_OF_A_ROOT_BECOME_MOUNTS_ONLY = noClasses()
            .that()
            .resideOutsideOfPackages(AGENT + "execdriver", AGENT + "execdriver.libcontainer.plan")
            .and(are("do not mount one for the agent", type -> !isNamed(type, Set.of("files.PrivateTree"))))
            .should()
            .callMethodWhere(describe(
                    "reads a path of a RootFs",
                    call -> call.getTargetOwner().isAssignableTo(RootFs.class)
                            && call.getTarget().getRawParameterTypes().isEmpty()));

    private static final ArchRule CALLS_WITH_PATHS_ARE_MADE_BY_FEW = noClasses()
            .that()
            .resideOutsideOfPackage(AGENT + "linux..")
            .and(are("are not among those named here", type -> !isNamed(type, CALLERS_WITH_PATHS)))
            .should()
            .callMethodWhere(describe(
                    "takes a path to the kernel",
                    call -> call.getTargetOwner().isAssignableTo(Syscalls.class)
                            && CALLS_WITH_PATHS.contains(call.getName())));

    private static final ArchRule JAVA_IO_OPENS_NO_FILE = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|File[A-Z]\\w*r(eam)?|RandomAccessFile)");

    private static boolean opensFile(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        return owner.isEquivalentTo(Files.class)
                || (owner.isAssignableTo(FileChannel.class) && call.getName().equals("open"))
                || (owner.isAssignableTo(Path.class) && call.getName().matches("toFile|toRealPath"));
    }

    /** With the classes inside of it. */
    private static boolean isNamed(JavaClass type, Set<String> names) {
        return names.contains(type.getName().substring(AGENT.length()).replaceFirst("\\$.*", ""));
    }

    private static DescribedPredicate<JavaClass> are(String what, Predicate<JavaClass> condition) {
        return describe(what, condition);
    }

    private static ArchRule each(Function<String, ArchRule> rule) {
        return CompositeArchRule.of(SPIS.stream().map(rule).toList());
    }

    @Test
    void theRulesAreKept() {
        ArchitectureRules.check(
                "io.longshore.agent",
                DRIVERS_ARE_FREE_OF_SPRING,
                ONLY_WIRING_NAMES_A_DRIVER,
                DRIVERS_DO_NOT_KNOW_EACH_OTHER,
                A_ROOT_IS_TOUCHED_THROUGH_ITS_LIBRARY,
                VFS_OPENS_NO_PATH,
                PATHS_OF_A_ROOT_BECOME_MOUNTS_ONLY,
                CALLS_WITH_PATHS_ARE_MADE_BY_FEW,
                JAVA_IO_OPENS_NO_FILE);
    }
}
