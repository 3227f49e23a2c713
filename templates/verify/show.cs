<?cs include:"macros.cs" ?><?cs set:Title = "证书核验结果" ?><?cs set:NoIndex = #1 ?><?cs def:content() ?><div class="narrow"><?cs if:!Certificate.InForce ?><div class="verdict no"><h1><small>证书核验结果</small>旧版本，已作废</h1><p>证书真实，但这份文件已被新的版本取代，不能再使用。<br>该证书当前状态：<b><?cs var:Certificate.Label ?></b></p></div>
<?cs elif:Certificate.State == "01" ?><div class="verdict"><h1><small>证书核验结果</small>有效</h1><p>证书真实，查询时有效。<?cs if:Certificate.Ahead ?><br>已在到期前办理延期：原有效期届满之前持续有效，新的有效期自 <?cs var:Certificate.From ?> 起。<?cs /if ?></p></div>
<?cs else ?><div class="verdict no"><h1><small>证书核验结果</small><?cs var:Certificate.Label ?></h1><p>证书真实，但当前状态为<span class="keep">“<?cs var:Certificate.Label ?>”</span>，不能作为有效证书使用。</p></div>
<?cs /if ?><dl class="facts">
<?cs call:fact("证书编号", Certificate.Number) ?><?cs call:fact("姓名", Certificate.Name) ?><?cs call:fact("类别", Certificate.Class) ?><?cs call:fact("企业名称", Certificate.Enterprise) ?><?cs call:fact("职务", Certificate.Post) ?><?cs call:fact("初次领证日期", Certificate.FirstIssued) ?><?cs call:term(Certificate.From, Certificate.Until) ?><?cs call:fact("发证机关", Certificate.Issuer) ?><?cs call:fact("发证日期", Certificate.IssuedOn) ?><div><dt>电子证照标识<dd class="id"><?cs var:Certificate.Identifier ?></div>
<?cs call:fact("查询时间", Certificate.Asked) ?></dl>
<p class="note">请将以上信息与证书逐项对照。不一致的，证书不可信。</p>
<p><a href="/verify/">核验另一本证书</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
