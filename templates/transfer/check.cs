<?cs include:"macros.cs" ?><?cs include:"_case.cs" ?><?cs set:Title = "核对可以变更的证书" ?><?cs def:content() ?><?cs call:case_back() ?><?cs call:error_summary() ?><h1>核对可以变更的证书</h1>
<?cs if:Case.Allowed > #0 ?><p class="lead">以下证书可以转入本企业，已全部勾选；不需要转入的，请取消勾选。证书编号和有效期不变。</p>
<?cs else ?><?cs call:case_changed() ?><?cs /if ?><?cs call:case_person() ?><?cs if:Case.Allowed > #0 ?><form method="post" action="/transfer/<?cs var:Case.Number ?>"><?cs call:form_hidden() ?><input type="hidden" name="seen" value="<?cs var:Case.Seen ?>"><h2>可以变更的证书</h2>
<?cs call:case_choice("勾选要转入本企业的证书") ?><dl class="facts"><?cs call:fact("转入企业", Firm.Name) ?><div><dt>社会保险<dd><?cs call:case_insured() ?></div></dl>
<?cs call:case_passed() ?><div class="actions"><button class="button">确认变更</button><a class="button plain" href="/transfer/">返回</a></div></form>
<?cs /if ?><?cs call:case_refused("以下证书暂不能变更") ?><?cs call:case_abandon() ?><?cs /def ?><?cs include:"layout.cs" ?>
