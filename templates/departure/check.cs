<?cs include:"macros.cs" ?><?cs include:"_case.cs" ?><?cs set:Title = "核对要转出的证书" ?><?cs def:content() ?><?cs call:case_back() ?><?cs call:error_summary() ?><h1>核对要转出的证书</h1>
<?cs if:Case.Allowed > #0 ?><p class="lead">请核对离沪人员和要转出的证书。</p>
<?cs else ?><?cs call:case_changed() ?><?cs /if ?><?cs call:case_person() ?><?cs if:Case.Allowed > #0 ?><form action="/departure/<?cs var:Case.Number ?>/confirm" data-dialog><input type="hidden" name="seen" value="<?cs var:Case.Seen ?>"><h2>可以转出的证书</h2>
<p class="note">B、C 证须一并转出，不能取消；A 证可选。</p>
<?cs call:case_choice("勾选要转出的证书") ?><div class="facts stack"><label for="f-province">转往省市（可不填）<?cs call:wrong("province") ?></label><input id="f-province" name="province" value="<?cs var:Field.province ?>" maxlength="16" autocomplete="off" placeholder="例如 江苏省"></div>
<?cs call:case_passed() ?><div class="actions"><button class="button">确认离沪</button><a class="button plain" href="/departure/">返回</a></div></form>
<?cs /if ?><?cs call:case_refused("以下证书暂不能转出") ?><?cs call:case_abandon() ?><?cs /def ?><?cs include:"layout.cs" ?>
