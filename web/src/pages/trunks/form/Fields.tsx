import { useTrunkWords } from "../../../i18n/trunks";
import type { TrunkField, TrunkProvider, TrunkValue } from "../types";
import { type Draft, groupsOf, isAsked, shownOf } from "./draft";
import style from "./Form.module.css";
import { FormField } from "./FormField";

interface FieldsProps {
  fields: readonly TrunkField[];
  provider: TrunkProvider | undefined;
  draft: Draft;
  mistakes: Readonly<Record<string, string>>;
  onChange: (name: string, value: TrunkValue) => void;
}

/** What only the customer knows first; the rest, which the template fills in, opens by group. */
export function Fields(props: FieldsProps) {
  const { form } = useTrunkWords();
  const { fields, provider, mistakes } = props;
  const asked = fields.filter((one) => isAsked(one, provider));
  const rest = fields.filter((one) => !isAsked(one, provider));
  return (
    <>
      <div className={style.fields}>
        {asked.map((one) => (
          <Shown key={one.name} {...props} field={one} />
        ))}
      </div>
      <h2 className={style.restTitle}>{form.rest}</h2>
      {groupsOf(rest).map(([group, members]) => {
        const bad = members.some((one) => mistakes[one.name] !== undefined);
        return (
          // opens by itself for a mistake in it, and stays as people leave it otherwise
          <details key={`${group}${bad}`} className={style.group} open={bad || undefined}>
            <summary>
              {form.group[group]} <span className="dim num">{members.length}</span>
            </summary>
            <div className={style.fields}>
              {members.map((one) => (
                <Shown key={one.name} {...props} field={one} />
              ))}
            </div>
          </details>
        );
      })}
    </>
  );
}

function Shown({
  field,
  provider,
  draft,
  mistakes,
  onChange,
}: FieldsProps & { field: TrunkField }) {
  return (
    <FormField
      field={field}
      value={shownOf(field, provider, draft)}
      mistake={mistakes[field.name]}
      onChange={(value) => onChange(field.name, value)}
    />
  );
}
