// What axe has to say of a screen, and a picture of it for who wants to look: PICTURES=/some/dir npx playwright test.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Every rule that axe has, the best practices too. Legacy mode: in this page alone, no second tab is opened for it. */
export async function passes(page: Page, screen: string): Promise<void> {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${screen}.png` });
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .exclude("[data-group]:not([data-group='0'])") // the picker's other groups: 1,700 cells like those of the first take axe a minute
    .analyze();
  const found = violations.flatMap((v) =>
    v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}\n    ${n.failureSummary?.replaceAll("\n", " ")}`),
  );
  expect.soft(found, screen).toEqual([]);
}
