<?cs include:"macros.cs" ?><?cs set:Title = "联系方式：" + Contact.Label ?><?cs def:content() ?><p class="back"><a href="/contact/">返回联系方式</a></p>
<?cs call:error_summary() ?><h1><?cs var:Contact.Label ?></h1>
<?cs if:Contact.Address ?><dl class="facts"><?cs call:fact("接收通知的地址", Contact.Address) ?></dl>
<?cs /if ?><?cs if:Contact.Wanted ?><h2>核对验证码</h2>
<p>验证码已发往 <b><?cs var:Contact.Wanted ?></b>，一小时内有效。<?cs if:Contact.Over ?><strong>这个验证码已失效，请在下面重新发送。</strong><?cs /if ?></p>
<form method="post" action="/contact/<?cs var:Contact.Channel ?>/code" class="stack"><?cs call:form_hidden() ?><label for="f-code">验证码<?cs call:wrong("code") ?></label><input id="f-code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="6" required><div class="actions"><button class="button">确认</button></div></form>
<?cs /if ?><h2><?cs if:Contact.Wanted ?>重新发送，或者换一个地址<?cs elif:Contact.Address ?>更换地址<?cs else ?>登记地址<?cs /if ?></h2>
<form method="post" action="/contact/<?cs var:Contact.Channel ?>" class="stack"><?cs call:form_hidden() ?><label for="f-address"><?cs if:Contact.Channel == "mail" ?>邮箱地址<?cs else ?>手机号码<?cs /if ?><?cs call:wrong("address") ?></label><input id="f-address" name="address" value="<?cs if:Field.address ?><?cs var:Field.address ?><?cs else ?><?cs var:Contact.Wanted ?><?cs /if ?>"<?cs if:Contact.Channel == "mail" ?> inputmode="email" autocomplete="email"<?cs else ?> inputmode="tel" autocomplete="tel"<?cs /if ?> spellcheck="false" maxlength="254" required><div class="actions"><button class="button">发送验证码</button></div></form>
<?cs if:Contact.Address ?><h2>通知内容</h2>
<form method="post" action="/contact/<?cs var:Contact.Channel ?>/events"><?cs call:form_hidden() ?><div class="facts stack"><fieldset><legend>发生以下情况时通知</legend>
<?cs each:event = Contact.Events ?><label class="pick"><input type="checkbox" name="<?cs var:event.Name ?>" value="1"<?cs if:event.Chosen ?> checked<?cs /if ?>><?cs var:event.Label ?></label>
<?cs /each ?></fieldset></div><div class="actions"><button class="button">保存</button></div></form>
<?cs /if ?><?cs if:Contact.Address || Contact.Wanted ?><h2>不再接收</h2>
<form method="post" action="/contact/<?cs var:Contact.Channel ?>/remove" class="actions"><?cs call:form_hidden() ?><button class="button plain">删除这个地址</button></form>
<?cs /if ?>
<?cs /def ?><?cs include:"layout.cs" ?>
