// The pictures of docs/img, of the company that make demo makes. What is unread stays so in the first picture of a room alone.
import { test } from "@playwright/test";
import { Demo } from "../house/demo.ts";
import { Person } from "../house/person.ts";

const settled = 700; // ms: transitions, presence, lazily loaded parts

test("pictures", async () => {
  const demo = await Demo.start();
  const mira = await Person.arrive("Mira", demo, { height: 860, zone: demo.zone });
  const jonas = await Person.arrive("Jonas", demo, { zone: demo.zone });
  const { page } = mira;
  const shoot = async (name: string) => {
    await page.waitForTimeout(settled);
    await page.screenshot({ path: `../docs/img/${name}.png` });
  };
  const size = (width: number, height: number) => page.setViewportSize({ width, height });
  const picker = () => page.locator("form.composer").getByRole("button", { name: "Emoji" }).click();
  const away = () => page.mouse.move(1, 1);

  try {
    await page.goto(`${demo.url}/signin`);
    await page.getByLabel("E-mail").fill("mira@acme.example");
    await page.getByLabel("Password").fill("wrong one, sorry");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await shoot("signin");

    await mira.signIn("mira@acme.example", demo);
    await jonas.signIn("jonas@acme.example", demo);
    await jonas.goes("general");
    await mira.goes("general");
    await mira.sees("projector keys").waitFor();
    await jonas.box.pressSequentially("O");
    await mira.sees("Lunch at 12:15").last().hover();
    await shoot("room");
    await jonas.box.pressSequentially("n");
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot("room-dark");
    await page.emulateMedia({ colorScheme: "light" });

    await page.getByRole("link", { name: /^Inbox/ }).click();
    await page.getByRole("article").first().waitFor();
    await away();
    await shoot("inbox");
    await mira.goes("general");

    await mira
      .sees("Version 2.1 is live")
      .last()
      .getByRole("button", { name: /5 replies/ })
      .click();
    await away();
    await shoot("thread");
    await page.getByRole("button", { name: "Close the thread" }).click();

    const showing = (text: string) =>
      mira
        .sees(text)
        .last()
        .evaluate((e) => e.scrollIntoView({ block: "center" }));
    await showing("Where do we eat on Friday");
    await shoot("poll");
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await shoot("files");
    await page.keyboard.press("Escape");

    await picker();
    await page.getByLabel("Search emoji").fill("party");
    await shoot("picker-search");
    await page.getByLabel("Search emoji").fill("");
    await away();
    await shoot("picker");
    await page.keyboard.press("Escape");

    await mira.goes("engineering");
    await mira.sees("Darker looks like a hole").waitFor();
    await away();
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot("engineering-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await mira.goes("東京");
    await mira.sees("楽しみにしています").waitFor();
    await away();
    await shoot("tokyo");

    await page.getByRole("button", { name: "Add a room" }).click();
    await page.getByRole("button", { name: "Make a new room" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("hackday");
    await page.getByRole("button", { name: "Make the room" }).click();
    await page.getByRole("heading", { name: "hackday" }).first().waitFor();
    await away();
    await shoot("room-empty");

    await mira.goes("general");
    await size(360, 740);
    await away();
    await shoot("phone-room");
    await picker();
    await shoot("phone-picker");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Back to the rooms" }).click();
    await shoot("phone-rooms");

    await size(1280, 860);
    await mira.goes("general");
    await away();
    mira.network.cut();
    await mira.says("On my way");
    await page.waitForTimeout(6000); // offline is said after 5 s
    await shoot("offline");
    mira.network.mend();
  } finally {
    await mira.leave();
    await jonas.leave();
    await demo.stop();
  }
});
