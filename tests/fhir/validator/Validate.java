import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validates FHIR R4 resources against the base specification, offline: one resource a line in .ndjson, one a file otherwise. Prints
 * each error as file:line and the sum; exits 1 if a resource has an error or there was none to validate. Code systems that do not
 * come with the specification (LOINC, SNOMED CT) and profiles of others are not held against a resource.
 */
public final class Validate {
    public static void main(String[] args) throws Exception {
        FhirValidator validator = validator();
        Map<String, Integer> counts = new TreeMap<>();
        int invalid = 0;
        for (String name : args) {
            Path file = Path.of(name);
            List<String> resources = name.endsWith(".ndjson") ? Files.readAllLines(file) : List.of(Files.readString(file));
            for (int line = 0; line < resources.size(); line++) {
                if (resources.get(line).isBlank()) continue;
                List<String> errors = errors(validator, resources.get(line));
                counts.merge(typeOf(resources.get(line)), 1, Integer::sum);
                if (!errors.isEmpty()) invalid++;
                for (String error : errors) System.out.println(file.getFileName() + ":" + (line + 1) + ": " + error);
            }
        }
        int total = counts.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(total + " resources, " + invalid + " invalid " + counts);
        System.exit(total == 0 || invalid > 0 ? 1 : 0);
    }

    private static FhirValidator validator() {
        FhirContext context = FhirContext.forR4();
        UnknownCodeSystemWarningValidationSupport unknownSystems = new UnknownCodeSystemWarningValidationSupport(context);
        unknownSystems.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
        FhirInstanceValidator instances = new FhirInstanceValidator(new ValidationSupportChain(
                new DefaultProfileValidationSupport(context), new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context), unknownSystems));
        instances.setAnyExtensionsAllowed(true);
        instances.setErrorForUnknownProfiles(false);
        FhirValidator validator = context.newValidator();
        validator.registerValidatorModule(instances);
        return validator;
    }

    private static List<String> errors(FhirValidator validator, String resource) {
        List<String> found = new ArrayList<>();
        try {
            for (SingleValidationMessage message : validator.validateWithResult(resource).getMessages()) {
                if (message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal()) {
                    found.add(message.getLocationString() + ": " + message.getMessage());
                }
            }
        } catch (RuntimeException exception) {
            found.add("cannot be read: " + exception.getMessage());
        }
        return found;
    }

    private static String typeOf(String resource) {
        java.util.regex.Matcher matcher = java.util.regex.Pattern.compile("\"resourceType\"\\s*:\\s*\"(\\w+)\"").matcher(resource);
        return matcher.find() ? matcher.group(1) : "?";
    }
}
